import { Fragment, type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { TimelineMessage } from "../realtime/messages.ts";
import type { Reader } from "../realtime/reading.ts";
import type { Timeline } from "../realtime/timeline.ts";
import { useStrings } from "../use-strings.ts";
import { Button } from "./button.tsx";
import { DaySeparator, dayOf } from "./dates.tsx";
import { MessageItem } from "./message-item.tsx";
import { UnsentItem } from "./unsent-item.tsx";
import type { ConversationActions } from "./use-conversation.ts";
import { useReadReceipts } from "./use-read-receipts.ts";
import { useReadingPosition } from "./use-reading-position.ts";
import { useTimeZone } from "./use-time-zone.ts";

/** CSS pixels from the top at which older messages are asked for. */
const loadWithin = 200;

interface Props {
  readonly timeline: Timeline;
  readonly reader: Reader;
  readonly actions: ConversationActions;
  readonly isConnected: boolean;
  readonly onEdit: (message: TimelineMessage) => void;
  readonly onReply: (message: TimelineMessage) => void;
}

export function MessageList({ timeline, reader, actions, isConnected, onEdit, onReply }: Props) {
  const t = useStrings();
  const list = useRef<HTMLDivElement>(null);
  const timeZone = useTimeZone();
  const { isAtEnd, onScroll, goToEnd } = useReadingPosition(list, timeline);
  const hasNew = useUnread(timeline, isAtEnd);
  const newest = timeline.messages.at(-1)?.offset ?? 0;
  useReadReceipts(actions, { newest, isAtEnd, isConnected });
  const nameOf = useCallback(
    (userId: string) => timeline.members.get(userId)?.displayName ?? t("somebody"),
    [timeline.members, t],
  );
  const mayPin = timeline.members.get(timeline.userId)?.role !== "guest";
  const { messages, unsent, hasMore } = timeline;
  const oldest = messages[0]?.offset ?? 0;
  const isEmpty = messages.length === 0 && unsent.length === 0;

  const { loadOlder, loadNearTop } = useOlderMessages({ list, actions, isConnected, hasMore, oldest });
  const myNewest = messages.findLast(({ authorId }) => authorId === timeline.userId);
  const newestUnsent = unsent.at(-1)?.clientMessageId;
  useEffect(() => {
    if (newestUnsent !== undefined) goToEnd();
  }, [newestUnsent, goToEnd]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={list}
        role="log"
        aria-label={t("messages")}
        aria-live="polite"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region has to be reachable by keyboard
        tabIndex={0}
        onScroll={() => {
          onScroll();
          loadNearTop();
        }}
        className="h-full overflow-y-auto overscroll-contain px-3 py-4 [overflow-anchor:none] md:px-6"
      >
        <div className={isEmpty ? "grid h-full" : ""}>
          {isEmpty ? (
            <Empty isAlone={timeline.members.size < 2} translates={timeline.translates} />
          ) : (
            <div className="pb-4 text-center text-sm text-muted">
              {hasMore ? (
                <Button type="button" kind="quiet" onClick={loadOlder} disabled={!isConnected}>
                  {t("older")}
                </Button>
              ) : (
                t("beginning")
              )}
            </div>
          )}
          {messages.map((message, index) => (
            <Fragment key={message.id}>
              <DaySeparator time={message.createdAt} previous={messages[index - 1]?.createdAt} timeZone={timeZone} />
              <MessageItem
                message={message}
                userId={timeline.userId}
                nameOf={nameOf}
                mayPin={mayPin}
                seenBy={message === myNewest ? seenBy(timeline, message.offset) : undefined}
                startsGroup={startsGroup(message, messages[index - 1], timeZone)}
                reader={reader}
                timeZone={timeZone}
                actions={actions}
                onEdit={onEdit}
                onReply={onReply}
                answered={message.replyTo === "" ? undefined : messages.find(({ id }) => id === message.replyTo)}
              />
            </Fragment>
          ))}
          {unsent.map((item, index) => (
            <UnsentItem
              key={item.clientMessageId}
              item={item}
              startsGroup={index === 0 && messages.at(-1)?.authorId !== timeline.userId}
              actions={actions}
            />
          ))}
        </div>
      </div>
      {!isAtEnd && (
        <Button
          type="button"
          kind={hasNew ? "primary" : "secondary"}
          onClick={goToEnd}
          className="absolute inset-x-0 bottom-3 mx-auto w-fit shadow-lg"
        >
          {t(hasNew ? "newMessages" : "latest")}
        </Button>
      )}
    </div>
  );
}

interface OlderMessages {
  readonly list: RefObject<HTMLElement | null>;
  readonly actions: ConversationActions;
  readonly isConnected: boolean;
  readonly hasMore: boolean;
  /** Offset of the oldest message that is there; 0: there is none. */
  readonly oldest: number;
}

/** Asks for the messages before the oldest one: when its reader comes near the top, and when they ask for them. */
function useOlderMessages({ list, actions, isConnected, hasMore, oldest }: OlderMessages) {
  // The page asked for is the one before this offset, so that coming near asks for it once; a lost socket lost the question.
  const asked = useRef(0);
  useEffect(() => {
    if (!isConnected) asked.current = 0;
  }, [isConnected]);
  const loadOlder = useCallback(() => {
    if (!isConnected || oldest === 0) return;
    asked.current = oldest;
    actions.loadOlder(oldest);
  }, [actions, isConnected, oldest]);
  const loadNearTop = useCallback(() => {
    const isNear = list.current !== null && list.current.scrollTop < loadWithin;
    if (hasMore && isNear && asked.current !== oldest) loadOlder();
  }, [list, hasMore, oldest, loadOlder]);
  // Without a scroll too: the reader may be there before the connection is, or a page may not fill the view.
  useEffect(loadNearTop, [loadNearTop]);
  return { loadOlder, loadNearTop };
}

/** Names of the others who have read up to an offset, as one text so that an unchanged one renders nothing anew. */
function seenBy({ members, userId }: Timeline, offset: number): string {
  const seen = [...members.values()].filter((member) => member.userId !== userId && member.readOffset >= offset);
  return seen.map(({ displayName }) => displayName).join(", ");
}

function Empty({ isAlone, translates }: { readonly isAlone: boolean; readonly translates: boolean }) {
  const t = useStrings();
  const hint = isAlone ? "onlyYouHint" : translates ? "nobodyWroteHint" : "translationOffHint";
  return (
    <div className="grid place-content-center gap-1 text-center text-balance">
      <p className="font-medium">{t(isAlone ? "onlyYou" : "nobodyWrote")}</p>
      <p className="text-muted">{t(hint)}</p>
    </div>
  );
}

/** Whether messages have come since the end was last in view. */
function useUnread({ messages }: Timeline, isAtEnd: boolean): boolean {
  const newest = messages.at(-1)?.offset ?? 0;
  const [seen, setSeen] = useState(newest);
  useEffect(() => {
    if (isAtEnd) setSeen(newest);
  }, [isAtEnd, newest]);
  return newest > seen;
}

function startsGroup(message: TimelineMessage, previous: TimelineMessage | undefined, timeZone: string): boolean {
  if (previous?.authorId !== message.authorId) return true;
  return dayOf(previous.createdAt, timeZone) !== dayOf(message.createdAt, timeZone);
}
