import { useFetcher } from "@remix-run/react";
import { UserPlus } from "lucide-react";
import { Dialog } from "radix-ui";
import { useEffect, useRef, useState } from "react";
import { lifetimes, useCounts } from "../invite-choices.ts";
import type { action, loader } from "../routes/conversations.$id.invites.tsx";
import { useLocale, useStrings } from "../use-strings.ts";
import { Button, buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";
import { SelectField } from "./field.tsx";
import { InviteList } from "./invite-list.tsx";

/** Makes a link with which people can join, and copies it; other choices make another, in place of one that nobody has yet. */
export function InviteDialog({ conversationId }: { readonly conversationId: string }) {
  const t = useStrings();
  const locale = useLocale();
  const path = `/conversations/${conversationId}/invites`;
  const fetcher = useFetcher<typeof action>();
  // Here and not in the list, which comes and goes with the dialog: a request that is given up half-way is an error on the console.
  const { load, data: known } = useFetcher<typeof loader>();
  const field = useRef<HTMLInputElement>(null);
  /** Whether nobody can have the link yet, so that another may take its place. */
  const isUnshared = useRef(false);
  const [isCopied, setCopied] = useState(false);
  const [choice, setChoice] = useState({ expiresIn: "7d", maxUses: "" });
  const invite = fetcher.state === "idle" ? fetcher.data?.invite : undefined;
  const code = invite?.code ?? "";
  useEffect(() => {
    if (code !== "") load(path);
  }, [load, path, code]);
  const link = invite && `${location.origin}/invite/${invite.code}`;
  const date = invite && new Date(invite.expiresAt).toLocaleString(locale, { dateStyle: "long", timeStyle: "short" });

  function make(chosen: typeof choice) {
    const revoke = isUnshared.current ? (fetcher.data?.invite?.code ?? "") : "";
    isUnshared.current = true;
    setCopied(false);
    fetcher.submit({ ...chosen, revoke }, { method: "post", action: path });
  }
  function choose(change: Partial<typeof choice>) {
    const chosen = { ...choice, ...change };
    setChoice(chosen);
    make(chosen);
  }
  function onOpenChange(isOpen: boolean) {
    setCopied(false);
    isUnshared.current = false;
    const isGood = invite !== undefined && Date.parse(invite.expiresAt) > Date.now();
    if (isOpen && !isGood) make(choice);
  }
  async function copy() {
    if (link === undefined) return;
    isUnshared.current = false;
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
          onCopy={() => {
            isUnshared.current = false;
          }}
          className="min-h-11 w-full rounded-xl border border-control bg-page px-3 py-2"
        />
        <div className="grid grid-cols-2 gap-3">
          <SelectField
            name="expiresIn"
            label={t("inviteLasts")}
            value={choice.expiresIn}
            onChange={(event) => choose({ expiresIn: event.currentTarget.value })}
          >
            {Object.entries(lifetimes).map(([lifetime, key]) => (
              <option key={lifetime} value={lifetime}>
                {t(key)}
              </option>
            ))}
          </SelectField>
          <SelectField
            name="maxUses"
            label={t("inviteUses")}
            value={choice.maxUses}
            onChange={(event) => choose({ maxUses: event.currentTarget.value })}
          >
            <option value="">{t("inviteAnyUses")}</option>
            {useCounts.map((count) => (
              <option key={count} value={count}>
                {count}
              </option>
            ))}
          </SelectField>
        </div>
        <InviteList path={path} others={(known?.invites ?? []).filter((one) => one.code !== code)} />
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
