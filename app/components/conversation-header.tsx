import { Link } from "@remix-run/react";
import { ArrowLeft } from "lucide-react";
import type { Timeline } from "../realtime/timeline.ts";
import { useStrings } from "../use-strings.ts";
import { InviteDialog } from "./invite-dialog.tsx";
import { MuteMenu } from "./mute-menu.tsx";
import { PeopleDialog } from "./people-dialog.tsx";

/** Others whom the header names; of more it says how many. */
const namedAtMost = 4;

interface Props {
  readonly conversationId: string;
  readonly timeline: Timeline;
  readonly isMuted: boolean;
}

/** Whose conversation this is, who of them is there, and the ways to see all of them and to invite more. */
export function ConversationHeader({ conversationId, timeline, isMuted }: Props) {
  const t = useStrings();
  const mayInvite = timeline.members.get(timeline.userId)?.role !== "guest";
  return (
    <header className="flex items-center gap-3 border-b border-line bg-surface px-3 py-2 md:px-6">
      <Link to="/conversations" aria-label={t("backToConversations")} className="rounded-lg p-2 md:hidden">
        <ArrowLeft aria-hidden className="rtl:rotate-180" />
      </Link>
      <div className="min-w-0 flex-1">
        <h1 className="truncate font-semibold">
          <bdi>{timeline.title}</bdi>
        </h1>
        <People timeline={timeline} />
      </div>
      <MuteMenu conversationId={conversationId} isMuted={isMuted} />
      <PeopleDialog conversationId={conversationId} timeline={timeline} />
      {mayInvite && <InviteDialog conversationId={conversationId} />}
    </header>
  );
}

function People({ timeline }: { readonly timeline: Timeline }) {
  const t = useStrings();
  const everybody = [...timeline.members.values()];
  const others = everybody.filter(({ userId }) => userId !== timeline.userId);
  if (others.length === 0) return <p className="truncate text-sm text-muted">{t("onlyYou")}</p>;
  if (others.length > namedAtMost) {
    const online = everybody.filter((member) => member.online).length;
    return <p className="truncate text-sm text-muted">{t("people", { count: everybody.length, online })}</p>;
  }
  return (
    <ul className="flex gap-3 overflow-hidden text-sm text-muted">
      {others.map(({ userId, displayName, online }) => (
        <li key={userId} className="flex min-w-0 items-center gap-1.5">
          <span
            className={`size-2 shrink-0 rounded-full ${online ? "bg-online" : "border border-control"}`}
            aria-hidden
          />
          <bdi className="truncate">{displayName}</bdi>
          <span className="sr-only">{t(online ? "online" : "offline")}</span>
        </li>
      ))}
    </ul>
  );
}
