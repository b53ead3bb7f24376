import clsx from "clsx";
import { Ellipsis } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { memo } from "react";
import type { TimelineMessage } from "../realtime/messages.ts";
import { useStrings } from "../use-strings.ts";
import { TimeOfDay } from "./dates.tsx";
import { MessageBody } from "./message-body.tsx";
import type { ConversationActions } from "./use-conversation.ts";

interface Props {
  readonly message: TimelineMessage;
  readonly author: string;
  readonly isMine: boolean;
  /** Whether it is the first of its author's run: only that one names the author. */
  readonly startsGroup: boolean;
  readonly readingLanguage: string;
  readonly timeZone: string;
  readonly actions: ConversationActions;
  readonly onEdit: (message: TimelineMessage) => void;
}

export const MessageItem = memo(function MessageItem(props: Props) {
  const { message, author, isMine, startsGroup, readingLanguage, timeZone, actions, onEdit } = props;
  const t = useStrings();
  const isDeleted = message.deletedAt > 0;
  return (
    <article
      data-message={message.id}
      aria-label={isMine ? t("you") : author}
      className={clsx("flex flex-col", isMine ? "items-end" : "items-start", startsGroup ? "pt-3" : "pt-1")}
    >
      {startsGroup && !isMine && <bdi className="px-1 pb-1 text-sm font-medium text-muted">{author}</bdi>}
      <div className={clsx("group flex max-w-[85%] items-center gap-1 md:max-w-[36rem]", isMine && "flex-row-reverse")}>
        <div className={clsx("min-w-0 rounded-2xl px-4 py-2.5", isMine ? "bg-mine" : "bg-surface border border-line")}>
          {isDeleted ? (
            <p className="text-muted italic">{t("deleted")}</p>
          ) : (
            <MessageBody message={message} isMine={isMine} readingLanguage={readingLanguage} />
          )}
        </div>
        {isMine && !isDeleted && (
          <OwnActions onEdit={() => onEdit(message)} onDelete={() => actions.remove(message.id)} />
        )}
      </div>
      <p className="flex gap-2 px-1 pt-0.5 text-xs text-muted">
        <TimeOfDay time={message.createdAt} timeZone={timeZone} />
        {message.editedAt > 0 && !isDeleted && <span>{t("edited")}</span>}
        {isMine && !isDeleted && <span>{t("sent")}</span>}
      </p>
    </article>
  );
});

function OwnActions({ onEdit, onDelete }: { readonly onEdit: () => void; readonly onDelete: () => void }) {
  const t = useStrings();
  const item = "cursor-pointer rounded-lg px-3 py-2 outline-none data-highlighted:bg-soft";
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={t("actions")}
        className="rounded-lg p-2 text-muted hover:bg-soft pointer-fine:opacity-0 pointer-fine:group-hover:opacity-100 pointer-fine:focus-visible:opacity-100 data-[state=open]:opacity-100"
      >
        <Ellipsis aria-hidden size={18} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          className="min-w-36 rounded-xl border border-line bg-surface p-1 text-ink shadow-lg"
        >
          <DropdownMenu.Item className={item} onSelect={onEdit}>
            {t("edit")}
          </DropdownMenu.Item>
          <DropdownMenu.Item className={clsx(item, "text-danger")} onSelect={onDelete}>
            {t("delete")}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
