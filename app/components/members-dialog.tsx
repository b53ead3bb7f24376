import { useFetcher } from "@remix-run/react";
import { LogOut } from "lucide-react";
import { Dialog } from "radix-ui";
import { useRef, useState } from "react";
import { isModerator, rightsOver } from "../realtime/rights.ts";
import type { Timeline } from "../realtime/timeline.ts";
import type { action, loader } from "../routes/conversations_.$id.members.ts";
import { useLocale, useStrings } from "../use-strings.ts";
import { BanList } from "./ban-list.tsx";
import { Button, buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";
import { type Asked, MemberQuestion } from "./member-question.tsx";
import { MemberRow } from "./member-row.tsx";
import { TranslationSwitch } from "./translation-switch.tsx";

interface Props {
  readonly conversationId: string;
  readonly timeline: Timeline;
}

/** Everybody in the conversation, what one can do about them, and the way out. Opened by a button that covers its parent. */
export function MembersDialog({ conversationId, timeline }: Props) {
  const t = useStrings();
  const locale = useLocale();
  const path = `/conversations/${conversationId}/members`;
  const fetcher = useFetcher<typeof action>();
  const bans = useFetcher<typeof loader>();
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const refusal = fetcher.data ?? undefined;
  const list = useRef<HTMLUListElement>(null);
  const everybody = [...timeline.members.values()];
  const me = timeline.members.get(timeline.userId);
  const looksAfterIt = me !== undefined && isModerator(me);
  const online = everybody.filter((member) => member.online).length;

  function act(intent: string, fields: Readonly<Record<string, string>> = {}) {
    fetcher.submit({ intent, ...fields }, { method: "post", action: path });
  }
  function answer(asked: Asked, reason: string) {
    if (asked.kind === "leave") act("leave");
    else act(asked.kind, { userId: asked.person.userId, ...(reason !== "" && { reason }) });
    setAsked(undefined);
  }
  function onOpenChange(isOpen: boolean) {
    if (isOpen && looksAfterIt) bans.load(path);
  }
  function onCloseAutoFocus(event: Event) {
    // The row that was asked about may go: the focus stays in the list.
    event.preventDefault();
    list.current?.focus();
  }

  return (
    <Dialog.Root onOpenChange={onOpenChange}>
      <Dialog.Trigger aria-label={t("showPeople")} className="absolute inset-0 rounded-lg" />
      <DialogCard title={t("membersTitle")} description={t("people", { count: everybody.length, online })}>
        {refusal !== undefined && (
          <p role="alert" className="text-danger">
            {refusal.message || t("error_other")}
          </p>
        )}
        <ul ref={list} tabIndex={-1} className="-mx-2 grid max-h-[50dvh] gap-1 overflow-y-auto px-2 outline-none">
          {everybody
            .toSorted((one, other) => one.displayName.localeCompare(other.displayName, locale))
            .map((person) => (
              <MemberRow
                key={person.userId}
                person={person}
                isMe={person.userId === timeline.userId}
                rights={me && rightsOver(me, person)}
                onAppoint={(role) => act(role === "admin" ? "makeAdmin" : "makeMember", { userId: person.userId })}
                onRemove={() => setAsked({ kind: "remove", person })}
                onBan={() => setAsked({ kind: "ban", person })}
              />
            ))}
        </ul>
        {looksAfterIt && (
          <TranslationSwitch
            isOn={timeline.translates}
            onSwitch={(isOn) => act("switchTranslation", { translates: String(isOn) })}
          />
        )}
        {looksAfterIt && <BanList bans={bans.data?.bans ?? []} onLift={(userId) => act("unban", { userId })} />}
        <div className="flex flex-wrap justify-between gap-3">
          <Button type="button" kind="quiet" onClick={() => setAsked({ kind: "leave" })}>
            <LogOut aria-hidden size={18} className="rtl:rotate-180" />
            {t("leave")}
          </Button>
          <Dialog.Close className={buttonStyle("secondary")}>{t("close")}</Dialog.Close>
        </div>
        <MemberQuestion
          asked={asked}
          isOwner={me?.role === "owner"}
          onCancel={() => setAsked(undefined)}
          onAnswer={answer}
          onCloseAutoFocus={onCloseAutoFocus}
        />
      </DialogCard>
    </Dialog.Root>
  );
}
