import { useCallback, useEffect, useMemo, useState } from "react";
import type { User } from "../load-context.ts";
import type { InitialPage } from "../realtime/initial.ts";
import type { TimelineMessage } from "../realtime/messages.ts";
import { type Reader, readingOf, wordsOf } from "../realtime/reading.ts";
import type { Timeline } from "../realtime/timeline.ts";
import { useStrings } from "../use-strings.ts";
import { Composer } from "./composer.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { ConversationHeader } from "./conversation-header.tsx";
import type { Latest } from "./conversation-list.tsx";
import { MentionablePeople } from "./mentions.tsx";
import { MessageList } from "./message-list.tsx";
import { PinnedBar } from "./pinned-bar.tsx";
import { TranslationNotice } from "./translation-notice.tsx";
import { useConversation } from "./use-conversation.ts";

interface Props {
  readonly id: string;
  readonly page: InitialPage;
  readonly me: User;
  readonly isMuted: boolean;
  /** Is told the newest message whenever it changes, and undefined when the conversation is left. */
  readonly onLatest: (latest: Latest | undefined) => void;
}

export function ConversationView({ id, page, me, isMuted, onLatest }: Props) {
  const { timeline, connectionState, actions } = useConversation(id, page);
  const [edited, setEdited] = useState<TimelineMessage | undefined>(undefined);
  const [answered, setAnswered] = useState<TimelineMessage | undefined>(undefined);
  const edit = useCallback((message: TimelineMessage) => {
    setAnswered(undefined);
    setEdited(message);
  }, []);
  const reply = useCallback((message: TimelineMessage) => {
    setEdited(undefined);
    setAnswered(message);
  }, []);
  const { translates } = timeline;
  const reader = useMemo<Reader>(() => ({ ...me, translates }), [me, translates]);
  const newest = timeline.messages.findLast(({ deletedAt }) => deletedAt === 0);
  const author = timeline.members.get(newest?.authorId ?? "")?.displayName ?? "";
  useEffect(() => {
    onLatest({ conversationId: id, message: newest && previewOf(newest, author, me.id, reader) });
  }, [onLatest, id, newest, author, me, reader]);
  useEffect(() => () => onLatest(undefined), [onLatest]);
  return (
    <MentionablePeople timeline={timeline}>
      <div className="flex h-full flex-col">
        <ConversationHeader conversationId={id} timeline={timeline} isMuted={isMuted} />
        <TranslationNotice translates={translates} />
        <PinnedBar timeline={timeline} reader={reader} actions={actions} />
        <ConnectionBanner state={connectionState} />
        <MessageList
          timeline={timeline}
          reader={reader}
          actions={actions}
          isConnected={connectionState.kind === "open"}
          onEdit={edit}
          onReply={reply}
        />
        <TypingLine timeline={timeline} />
        <Composer
          edited={edited}
          onEditEnd={() => setEdited(undefined)}
          answered={answered}
          answeredAuthor={answered === undefined ? "" : (timeline.members.get(answered.authorId)?.displayName ?? "")}
          onReplyEnd={() => setAnswered(undefined)}
          actions={actions}
        />
      </div>
    </MentionablePeople>
  );
}

function previewOf(message: TimelineMessage, author: string, myId: string, reader: Reader): Latest["message"] {
  const isMine = message.authorId === myId;
  const reading = readingOf(message, isMine, reader);
  return { author, isMine, text: wordsOf(message, reading).text };
}

function TypingLine({ timeline }: { readonly timeline: Timeline }) {
  const t = useStrings();
  const [first, ...others] = [...timeline.typing.keys()].filter((userId) => userId !== timeline.userId);
  const name = (first !== undefined && timeline.members.get(first)?.displayName) || t("somebody");
  return (
    <p className="h-6 truncate px-4 text-sm text-muted md:px-7" aria-live="polite">
      {first !== undefined && (others.length > 0 ? t("typingMany") : t("typingOne", { name }))}
    </p>
  );
}
