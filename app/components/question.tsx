import { Dialog } from "radix-ui";
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
  readonly onAnswer: () => void;
  /** Where the focus goes afterwards, when not back to where it was. */
  readonly onCloseAutoFocus?: (event: Event) => void;
}

/** Asks before something that nothing undoes. */
export function Question({ isOpen, onOpenChange, title, description, answer, onAnswer, ...rest }: Props) {
  const t = useStrings();
  return (
    <Dialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <DialogCard title={title} description={description} role="alertdialog" {...rest}>
        <div className="flex justify-end gap-3">
          <Dialog.Close className={buttonStyle("secondary")}>{t("cancel")}</Dialog.Close>
          <Button type="button" kind="danger" onClick={onAnswer}>
            {answer}
          </Button>
        </div>
      </DialogCard>
    </Dialog.Root>
  );
}
