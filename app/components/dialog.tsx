import { Dialog } from "radix-ui";
import type { ComponentProps } from "react";

interface Props extends Omit<ComponentProps<typeof Dialog.Content>, "title"> {
  readonly title: string;
  readonly description: string;
}

/** What a dialog looks like: a card over the darkened page. Put it inside `Dialog.Root`. */
export function DialogCard({ title, description, children, ...rest }: Props) {
  return (
    <Dialog.Portal>
      <Dialog.Overlay className="fixed inset-0 bg-black/50" />
      <Dialog.Content
        className="fixed inset-x-4 top-1/2 mx-auto grid max-w-md -translate-y-1/2 gap-4 rounded-3xl bg-surface p-6 text-ink shadow-xl outline-none"
        {...rest}
      >
        <Dialog.Title className="text-xl font-semibold">{title}</Dialog.Title>
        <Dialog.Description className="text-muted">{description}</Dialog.Description>
        {children}
      </Dialog.Content>
    </Dialog.Portal>
  );
}
