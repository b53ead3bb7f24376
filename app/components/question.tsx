import { Dialog } from "radix-ui";
import type { FormEvent, ReactNode } from "react";
import { useStrings } from "../use-strings.ts";
import { Button, buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";

interface Props {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly title: string;
  readonly description: string;
  /** What the button says that does it. */
  readonly answer: string;
  /** Is given what the fields say. */
  readonly onAnswer: (form: FormData) => void;
  /** Where the focus goes afterwards, when not back to where it was. */
  readonly onCloseAutoFocus?: (event: Event) => void;
  /** Fields for what is asked besides. */
  readonly children?: ReactNode;
}

/** Asks before something that cannot simply be undone. */
export function Question({ isOpen, onOpenChange, title, description, answer, onAnswer, children, ...rest }: Props) {
  const t = useStrings();
  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onAnswer(new FormData(event.currentTarget));
  }
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <DialogCard title={title} description={description} role="alertdialog" {...rest}>
        <form className="grid gap-4" onSubmit={onSubmit}>
          {children}
          <div className="flex justify-end gap-3">
            <Dialog.Close type="button" className={buttonStyle("secondary")}>
              {t("cancel")}
            </Dialog.Close>
            <Button kind="danger">{answer}</Button>
          </div>
        </form>
      </DialogCard>
    </Dialog.Root>
  );
}
