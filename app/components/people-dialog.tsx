import { useFetcher } from "@remix-run/react";
import { Users } from "lucide-react";
import { Dialog } from "radix-ui";
import { type ReactNode, useId, useState } from "react";
import type { Timeline } from "../realtime/timeline.ts";
import { isModerator, mayBan, roleKey } from "../roles.ts";
import type { action, loader } from "../routes/conversations.$id.people.tsx";
import { useStrings } from "../use-strings.ts";
import { Button, buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";
import { TextField } from "./field.tsx";

interface Props {
  readonly conversationId: string;
  readonly timeline: Timeline;
}

/** Everybody who is in the conversation; owners and admins ban here, and lift bans. */
export function PeopleDialog({ conversationId, timeline }: Props) {
  const t = useStrings();
  const path = `/conversations/${conversationId}/people`;
  const bans = useFetcher<typeof loader>();
  const change = useFetcher<typeof action>();
  const [banning, setBanning] = useState("");
  const bannedTitle = useId();
  const { userId, members } = timeline;
  const myRole = members.get(userId)?.role ?? "guest";
  const banned = bans.data?.bans ?? [];
  const refusal = change.data?.message ?? "";

  function onOpenChange(isOpen: boolean) {
    setBanning("");
    if (isOpen && isModerator(myRole)) bans.load(path);
  }
  return (
    <Dialog.Root onOpenChange={onOpenChange}>
      <Dialog.Trigger aria-label={t("peopleTitle")} className={buttonStyle("quiet")}>
        <Users aria-hidden size={20} />
      </Dialog.Trigger>
      <DialogCard title={t("peopleTitle")} description={t("peopleHint", { count: members.size })}>
        {refusal !== "" && (
          <p role="alert" className="text-danger">
            {refusal}
          </p>
        )}
        <div className="max-h-[50vh] overflow-y-auto">
          <ul className="grid gap-1">
            {[...members.values()].map((member) => (
              <li key={member.userId} className="grid gap-3 py-1">
                <Row person={member} note={t(roleKey(member.role))}>
                  {mayBan(myRole, member.role) && banning !== member.userId && (
                    <Button
                      type="button"
                      kind="quiet"
                      aria-label={t("banPerson", { name: member.displayName })}
                      onClick={() => setBanning(member.userId)}
                    >
                      {t("ban")}
                    </Button>
                  )}
                </Row>
                {banning === member.userId && (
                  <change.Form method="post" action={path} className="grid gap-3" onSubmit={() => setBanning("")}>
                    <input type="hidden" name="userId" value={member.userId} />
                    <TextField name="reason" label={t("banReason")} hint={t("banHint")} maxLength={200} autoFocus />
                    <span className="flex justify-end gap-3">
                      <Button type="button" kind="secondary" onClick={() => setBanning("")}>
                        {t("cancel")}
                      </Button>
                      <Button kind="danger">{t("ban")}</Button>
                    </span>
                  </change.Form>
                )}
              </li>
            ))}
          </ul>
          {banned.length > 0 && (
            <section aria-labelledby={bannedTitle} className="mt-4 border-t border-line pt-4">
              <h3 id={bannedTitle} className="font-medium">
                {t("banned")}
              </h3>
              <ul className="grid gap-1">
                {banned.map((ban) => (
                  <li key={ban.userId} className="py-1">
                    <Row person={ban} note={ban.reason}>
                      <change.Form method="post" action={path}>
                        <input type="hidden" name="userId" value={ban.userId} />
                        <Button
                          kind="quiet"
                          name="lift"
                          value="yes"
                          aria-label={t("unbanPerson", { name: ban.displayName })}
                        >
                          {t("unban")}
                        </Button>
                      </change.Form>
                    </Row>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
        <Dialog.Close className={buttonStyle("secondary")}>{t("close")}</Dialog.Close>
      </DialogCard>
    </Dialog.Root>
  );
}

interface RowProps {
  readonly person: { readonly displayName: string };
  /** What is said of them beside their name; empty: nothing. */
  readonly note: string;
  readonly children: ReactNode;
}

function Row({ person, note, children }: RowProps) {
  return (
    <div className="flex min-h-11 items-center gap-2">
      <span className="min-w-0 flex-1">
        <bdi className="block truncate">{person.displayName}</bdi>
        <bdi className="block text-sm text-muted">{note}</bdi>
      </span>
      {children}
    </div>
  );
}
