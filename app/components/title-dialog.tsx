import { useFetcher } from "@remix-run/react";
import { Pencil } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import type { action } from "../routes/conversations_.$id.members.ts";
import { useStrings } from "../use-strings.ts";
import { Button, buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";
import { TextField } from "./field.tsx";

interface Props {
  readonly conversationId: string;
  readonly title: string;
}

/** Gives the conversation another title. */
export function TitleDialog({ conversationId, title }: Props) {
  const t = useStrings();
  const [isOpen, setOpen] = useState(false);
  const fetcher = useFetcher<typeof action>();
  const errors = fetcher.data ?? undefined;
  const isIdle = fetcher.state === "idle";
  const [isSubmitted, setSubmitted] = useState(false);
  useEffect(() => {
    if (!isSubmitted || !isIdle) return;
    setSubmitted(false);
    if (errors === undefined) setOpen(false);
  }, [isSubmitted, isIdle, errors]);
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <Dialog.Trigger aria-label={t("rename")} className="rounded-lg p-1.5 text-muted hover:bg-soft">
        <Pencil aria-hidden size={16} />
      </Dialog.Trigger>
      <DialogCard title={t("rename")} description={t("renameHint")}>
        <fetcher.Form
          method="post"
          action={`/conversations/${conversationId}/members`}
          className="grid gap-5"
          noValidate
          onSubmit={() => setSubmitted(true)}
        >
          <input type="hidden" name="intent" value="rename" />
          <TextField
            name="title"
            label={t("title")}
            defaultValue={title}
            error={errors?.fields.title ?? (errors?.message || undefined)}
            autoComplete="off"
            required
          />
          <div className="flex justify-end gap-3">
            <Dialog.Close className={buttonStyle("secondary")}>{t("cancel")}</Dialog.Close>
            <Button disabled={!isIdle}>{t("save")}</Button>
          </div>
        </fetcher.Form>
      </DialogCard>
    </Dialog.Root>
  );
}
