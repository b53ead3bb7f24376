import { useFetcher } from "@remix-run/react";
import { UserPlus } from "lucide-react";
import { Dialog } from "radix-ui";
import { useState } from "react";
import type { action } from "../routes/conversations.$id.tsx";
import { useLocale, useStrings } from "../use-strings.ts";
import { Button, buttonStyle } from "./button.tsx";

/** Makes a link with which people can join, and copies it. */
export function InviteDialog() {
  const t = useStrings();
  const locale = useLocale();
  const fetcher = useFetcher<typeof action>();
  const [isCopied, setCopied] = useState(false);
  const link = fetcher.data && `${location.origin}/invite/${fetcher.data.code}`;
  const date = fetcher.data && new Date(fetcher.data.expiresAt).toLocaleDateString(locale, { dateStyle: "long" });

  function onOpenChange(isOpen: boolean) {
    setCopied(false);
    if (isOpen && link === undefined) fetcher.submit(null, { method: "post" });
  }
  async function copy() {
    if (link === undefined) return;
    await navigator.clipboard.writeText(link);
    setCopied(true);
  }

  return (
    <Dialog.Root onOpenChange={onOpenChange}>
      <Dialog.Trigger className={buttonStyle("quiet")}>
        <UserPlus aria-hidden size={20} />
        {t("invite")}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 bg-black/50" />
        <Dialog.Content className="fixed inset-x-4 top-1/2 mx-auto grid max-w-md -translate-y-1/2 gap-4 rounded-3xl bg-surface p-6 text-ink shadow-xl">
          <Dialog.Title className="text-xl font-semibold">{t("inviteTitle")}</Dialog.Title>
          <Dialog.Description className="text-muted">{t("inviteHint", { date: date ?? "…" })}</Dialog.Description>
          <input
            readOnly
            aria-label={t("inviteLink")}
            value={link ?? ""}
            onFocus={(event) => event.currentTarget.select()}
            className="min-h-11 w-full rounded-xl border border-control bg-page px-3 py-2"
          />
          <div className="flex justify-end gap-3">
            <Dialog.Close className={buttonStyle("secondary")}>{t("close")}</Dialog.Close>
            <Button type="button" onClick={copy} disabled={link === undefined}>
              <span aria-live="polite">{t(isCopied ? "copied" : "copyLink")}</span>
            </Button>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
