import { useFetcher, useParams } from "@remix-run/react";
import { LogOut } from "lucide-react";
import { Dialog } from "radix-ui";
import { useRef, useState } from "react";
import { rightsOver } from "../realtime/rights.ts";
import type { Timeline, TimelineMember } from "../realtime/timeline.ts";
import type { action } from "../routes/conversations_.$id.members.ts";
import { useLocale, useStrings } from "../use-strings.ts";
import { Button, buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";
import { MemberRow } from "./member-row.tsx";
import { Question } from "./question.tsx";

/** What is asked about before it is done. */
type Asked = { readonly kind: "leave" } | { readonly kind: "remove"; readonly person: TimelineMember };

/** Everybody in the conversation, what one can do about them, and the way out. Opened by a button that covers its parent. */
export function MembersDialog({ timeline }: { readonly timeline: Timeline }) {
  const t = useStrings();
  const locale = useLocale();
  const { id = "" } = useParams();
  const fetcher = useFetcher<typeof action>();
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const refusal = fetcher.data ?? undefined;
  const list = useRef<HTMLUListElement>(null);
  const everybody = [...timeline.members.values()];
  const me = timeline.members.get(timeline.userId);
  const online = everybody.filter((member) => member.online).length;

  function act(intent: string, userId = "") {
    fetcher.submit({ intent, userId }, { method: "post", action: `/conversations/${id}/members` });
  }
  function answer() {
    if (asked?.kind === "leave") act("leave");
    if (asked?.kind === "remove") act("remove", asked.person.userId);
    setAsked(undefined);
  }
  function onCloseAutoFocus(event: Event) {
    // The row that was asked about may go: the focus stays in the list.
    event.preventDefault();
    list.current?.focus();
  }

  return (
    <Dialog.Root>
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
                onAppoint={(role) => act(role === "admin" ? "makeAdmin" : "makeMember", person.userId)}
                onRemove={() => setAsked({ kind: "remove", person })}
              />
            ))}
        </ul>
        <div className="flex flex-wrap justify-between gap-3">
          <Button type="button" kind="quiet" onClick={() => setAsked({ kind: "leave" })}>
            <LogOut aria-hidden size={18} className="rtl:rotate-180" />
            {t("leave")}
          </Button>
          <Dialog.Close className={buttonStyle("secondary")}>{t("close")}</Dialog.Close>
        </div>
        <Question
          isOpen={asked !== undefined}
          onOpenChange={() => setAsked(undefined)}
          title={asked?.kind === "remove" ? t("removeTitle", { name: asked.person.displayName }) : t("leaveTitle")}
          description={t(
            asked?.kind === "remove" ? "removeHint" : me?.role === "owner" ? "leaveOwnerHint" : "leaveHint",
          )}
          answer={t(asked?.kind === "remove" ? "remove" : "leave")}
          onAnswer={answer}
          onCloseAutoFocus={onCloseAutoFocus}
        />
      </DialogCard>
    </Dialog.Root>
  );
}
