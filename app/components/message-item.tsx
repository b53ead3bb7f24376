import clsx from "clsx";
import { Reply } from "lucide-react";
import { memo, useId, useState } from "react";
import type { TimelineMessage } from "../realtime/messages.ts";
import { type Reader, type Reading, readingOf, wordsOf } from "../realtime/reading.ts";
import { useStrings } from "../use-strings.ts";
import { TimeOfDay } from "./dates.tsx";
import { textAttributes } from "./languages.ts";
import { MessageActions } from "./message-actions.tsx";
import { MessageNote, type OriginalToggle } from "./message-note.tsx";
import { Quote } from "./quote.tsx";
import { ReactButton, Reactions } from "./reactions.tsx";
import type { ConversationActions } from "./use-conversation.ts";

interface Props {
  readonly message: TimelineMessage;
  /** The reader's own id. */
  readonly userId: string;
  readonly nameOf: (userId: string) => string;
  readonly mayPin: boolean;
  /** Whether it is the first of its author's run: only that one names the author. */
  readonly startsGroup: boolean;
  /** Of my newest, which alone says that it was sent: names of those who have seen it; undefined for all others. */
  readonly seenBy: string | undefined;
  readonly reader: Reader;
  readonly timeZone: string;
  readonly actions: ConversationActions;
  readonly onEdit: (message: TimelineMessage) => void;
  readonly onReply: (message: TimelineMessage) => void;
  /** The message that this one answers, if it answers one that is loaded. */
  readonly answered: TimelineMessage | undefined;
}

export const MessageItem = memo(function MessageItem(props: Props) {
  const { message, userId, nameOf, mayPin, startsGroup, seenBy, reader, timeZone, actions, onEdit, onReply, answered } =
    props;
  const isMine = message.authorId === userId;
  const author = nameOf(message.authorId);
  const t = useStrings();
  const [isOpen, setOpen] = useState(false);
  const original: OriginalToggle = { id: useId(), isOpen, toggle: () => setOpen(!isOpen) };
  const reading = readingOf(message, isMine, reader);
  const isDeleted = message.deletedAt > 0;
  const isPinned = message.pinnedBy !== "";
  return (
    <article
      data-message={message.id}
      aria-label={isMine ? t("you") : author}
      className={clsx("flex flex-col", isMine ? "items-end" : "items-start", startsGroup ? "pt-4" : "pt-2")}
    >
      {startsGroup && !isMine && <bdi className="px-1 pb-1 text-sm font-medium text-muted">{author}</bdi>}
      <div className={clsx("group flex max-w-[85%] items-center gap-1 md:max-w-[36rem]", isMine && "flex-row-reverse")}>
        <div className={clsx("min-w-0 rounded-2xl px-4 py-2.5", isMine ? "bg-mine" : "border border-line bg-surface")}>
          {message.replyTo !== "" && !isDeleted && (
            <Quote
              message={answered}
              author={answered === undefined ? "" : answered.authorId === userId ? t("you") : nameOf(answered.authorId)}
              isMine={answered?.authorId === userId}
              reader={reader}
            />
          )}
          {isDeleted ? (
            <p className="text-muted italic">{t("deleted")}</p>
          ) : (
            <Words message={message} reading={reading} original={original} />
          )}
        </div>
        {!isDeleted && (
          <button
            type="button"
            aria-label={t("reply")}
            onClick={() => onReply(message)}
            className="rounded-lg p-2 text-muted hover:bg-soft pointer-fine:opacity-0 pointer-fine:group-hover:opacity-100 pointer-fine:focus-visible:opacity-100"
          >
            <Reply aria-hidden size={18} className="rtl:-scale-x-100" />
          </button>
        )}
        {!isDeleted && <ReactButton message={message} userId={userId} actions={actions} />}
        {!isDeleted && (
          <MessageActions
            isPinned={isPinned}
            onPin={mayPin ? () => actions.pin(message.id, isPinned) : undefined}
            own={isMine ? { onEdit: () => onEdit(message), onDelete: () => actions.remove(message.id) } : undefined}
          />
        )}
      </div>
      <Reactions message={message} userId={userId} nameOf={nameOf} actions={actions} />
      <div className="flex flex-wrap items-center gap-x-2 px-1 pt-1 text-xs text-muted">
        <TimeOfDay time={message.createdAt} timeZone={timeZone} />
        {message.editedAt > 0 && !isDeleted && <span>{t("edited")}</span>}
        {isPinned && <span>{t("pinned")}</span>}
        {seenBy !== undefined && !isDeleted && (
          <span>{seenBy === "" ? t("sent") : t("seenBy", { names: seenBy })}</span>
        )}
        <MessageNote message={message} reading={reading} original={original} />
      </div>
    </article>
  );
});

interface WordsProps {
  readonly message: TimelineMessage;
  readonly reading: Reading;
  readonly original: OriginalToggle;
}

function Words({ message, reading, original }: WordsProps) {
  return (
    <>
      <Text {...wordsOf(message, reading)} />
      {reading.kind === "translated" && (
        <div id={original.id} hidden={!original.isOpen} className="mt-2 border-t border-line pt-2 text-muted">
          <Text {...message} />
        </div>
      )}
    </>
  );
}

function Text({ text, language }: { readonly text: string; readonly language: string }) {
  return (
    <p className="wrap-anywhere whitespace-pre-wrap" {...textAttributes(language)}>
      {text}
    </p>
  );
}
