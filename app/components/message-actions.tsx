import clsx from "clsx";
import { Ellipsis } from "lucide-react";
import { Dialog, DropdownMenu } from "radix-ui";
import { useRef, useState } from "react";
import { useStrings } from "../use-strings.ts";
import { Button, buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";

interface Props {
  readonly isPinned: boolean;
  /** Undefined for who may not pin. */
  readonly onPin: (() => void) | undefined;
  /** What its author alone can do; undefined for everybody else. */
  readonly own: { readonly onEdit: () => void; readonly onDelete: () => void } | undefined;
}

/** What a reader can do with a message; a deletion, which nothing undoes, is asked about first. */
export function MessageActions({ isPinned, onPin, own }: Props) {
  const t = useStrings();
  const [isAsking, setAsking] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const focusedNext = useRef<HTMLElement | null>(null);
  const item = "cursor-pointer rounded-lg px-3 py-2 outline-none data-highlighted:bg-soft";

  function ask() {
    focusedNext.current = trigger.current;
    setAsking(true);
  }
  function remove() {
    // The button goes with the message: the focus stays in the list.
    focusedNext.current = trigger.current?.closest<HTMLElement>("[role=log]") ?? null;
    setAsking(false);
    own?.onDelete();
  }
  function onCloseAutoFocus(event: Event) {
    event.preventDefault();
    focusedNext.current?.focus();
  }
  if (onPin === undefined && own === undefined) return null;
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          ref={trigger}
          aria-label={t("actions")}
          className="rounded-lg p-2 text-muted hover:bg-soft pointer-fine:opacity-0 pointer-fine:group-hover:opacity-100 pointer-fine:focus-visible:opacity-100 data-[state=open]:opacity-100"
        >
          <Ellipsis aria-hidden size={18} />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            className="min-w-36 rounded-xl border border-line bg-surface p-1 text-ink shadow-lg"
          >
            {onPin !== undefined && (
              <DropdownMenu.Item className={item} onSelect={onPin}>
                {t(isPinned ? "unpin" : "pin")}
              </DropdownMenu.Item>
            )}
            {own !== undefined && (
              <>
                <DropdownMenu.Item className={item} onSelect={own.onEdit}>
                  {t("edit")}
                </DropdownMenu.Item>
                <DropdownMenu.Item className={clsx(item, "text-danger")} onSelect={ask}>
                  {t("delete")}
                </DropdownMenu.Item>
              </>
            )}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <Dialog.Root open={isAsking} onOpenChange={setAsking}>
        <DialogCard
          title={t("deleteTitle")}
          description={t("deleteHint")}
          role="alertdialog"
          onCloseAutoFocus={onCloseAutoFocus}
        >
          <div className="flex justify-end gap-3">
            <Dialog.Close className={buttonStyle("secondary")}>{t("cancel")}</Dialog.Close>
            <Button type="button" kind="danger" onClick={remove}>
              {t("delete")}
            </Button>
          </div>
        </DialogCard>
      </Dialog.Root>
    </>
  );
}
