import { Link } from "@remix-run/react";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import type { User } from "../load-context.ts";
import type { InitialPage } from "../realtime/initial.ts";
import type { TimelineMessage } from "../realtime/messages.ts";
import type { Timeline } from "../realtime/timeline.ts";
import { useStrings } from "../use-strings.ts";
import { Composer } from "./composer.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { InviteDialog } from "./invite-dialog.tsx";
import { MessageList } from "./message-list.tsx";
import { useConversation } from "./use-conversation.ts";

interface Props {
  readonly id: string;
  readonly page: InitialPage;
  readonly me: User;
}

export function ConversationView({ id, page, me }: Props) {
  const { timeline, connectionState, actions } = useConversation(id, page);
  const [edited, setEdited] = useState<TimelineMessage | undefined>(undefined);
  return (
    <div className="flex h-dvh flex-col md:h-full">
      <Header timeline={timeline} />
      <ConnectionBanner state={connectionState} />
      <MessageList
        timeline={timeline}
        readingLanguage={me.readingLanguage}
        actions={actions}
        isConnected={connectionState.kind === "open"}
        onEdit={setEdited}
      />
      <TypingLine timeline={timeline} />
      <Composer key={edited?.id ?? ""} edited={edited} onEditEnd={() => setEdited(undefined)} actions={actions} />
    </div>
  );
}

function Header({ timeline }: { readonly timeline: Timeline }) {
  const t = useStrings();
  const members = [...timeline.members.values()];
  return (
    <header className="flex items-center gap-3 border-b border-line bg-surface px-3 py-2 md:px-6">
      <Link to="/conversations" aria-label={t("backToConversations")} className="rounded-lg p-2 md:hidden">
        <ArrowLeft aria-hidden className="rtl:rotate-180" />
      </Link>
      <div className="min-w-0 flex-1">
        <h1 className="truncate font-semibold" dir="auto">
          {timeline.title}
        </h1>
        <ul className="flex gap-3 overflow-hidden text-sm text-muted">
          {members.map(({ userId, displayName, online }) => (
            <li key={userId} className="flex min-w-0 items-center gap-1.5">
              <span
                className={`size-2 shrink-0 rounded-full ${online ? "bg-online" : "border border-control"}`}
                aria-hidden
              />
              <bdi className="truncate">{userId === timeline.userId ? t("you") : displayName}</bdi>
              <span className="sr-only">{t(online ? "online" : "offline")}</span>
            </li>
          ))}
        </ul>
      </div>
      <InviteDialog />
    </header>
  );
}

function TypingLine({ timeline }: { readonly timeline: Timeline }) {
  const t = useStrings();
  const [first, ...others] = [...timeline.typing.keys()].filter((userId) => userId !== timeline.userId);
  const name = (first !== undefined && timeline.members.get(first)?.displayName) || t("somebody");
  return (
    <p className="h-6 truncate px-4 text-sm text-muted md:px-6" aria-live="polite">
      {first !== undefined && (others.length > 0 ? t("typingMany") : t("typingOne", { name }))}
    </p>
  );
}
