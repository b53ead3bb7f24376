import { useFetcher } from "@remix-run/react";
import { UserPlus } from "lucide-react";
import { Dialog } from "radix-ui";
import { useRef, useState } from "react";
import type { action } from "../routes/conversations.$id.tsx";
import { useLocale, useStrings } from "../use-strings.ts";
import { Button, buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";

/** Makes a link with which people can join, and copies it. */
export function InviteDialog() {
  const t = useStrings();
  const locale = useLocale();
  const fetcher = useFetcher<typeof action>();
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  const link = fetcher.data && `${location.origin}/invite/${fetcher.data.code}`;
  const date = fetcher.data && new Date(fetcher.data.expiresAt).toLocaleDateString(locale, { dateStyle: "long" });

  function onOpenChange(isOpen: boolean) {
    setCopied(false);
    if (isOpen && link === undefined) fetcher.submit(null, { method: "post" });
  }
  async function copy() {
    if (link === undefined) return;
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      // The browser keeps its clipboard closed: the link lies selected, to be copied by hand.
      field.current?.select();
    }
  }

  return (
    <Dialog.Root onOpenChange={onOpenChange}>
      <Dialog.Trigger className={buttonStyle("quiet")}>
        <UserPlus aria-hidden size={20} />
        {t("invite")}
      </Dialog.Trigger>
      <DialogCard
        title={t("inviteTitle")}
        description={date === undefined ? t("inviteMaking") : t("inviteHint", { date })}
      >
        <input
          ref={field}
          type="text"
          dir="ltr"
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
      </DialogCard>
    </Dialog.Root>
  );
}
