import clsx from "clsx";
import { SmilePlus } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { TimelineMessage } from "../realtime/messages.ts";
import { useLocale, useStrings } from "../use-strings.ts";
import type { ConversationActions } from "./use-conversation.ts";

/** What most people react with; more would want a picker of their own. */
const common = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const;

interface Props {
  readonly message: TimelineMessage;
  readonly userId: string;
  readonly nameOf: (userId: string) => string;
  readonly actions: ConversationActions;
}

/** The emoji that are on a message; a press puts one's own beside them or takes it away. */
export function Reactions({ message, userId, nameOf, actions }: Props) {
  const t = useStrings();
  const list = new Intl.ListFormat(useLocale());
  if (message.reactions.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-1 px-1 pt-1">
      {message.reactions.map(({ emoji, userIds }) => {
        const isMine = userIds.includes(userId);
        const names = list.format(userIds.map((id) => (id === userId ? t("you") : nameOf(id))));
        return (
          <li key={emoji}>
            <button
              type="button"
              aria-pressed={isMine}
              aria-label={`${t("reactedBy", { names, emoji })}. ${t(isMine ? "takeReaction" : "putReaction", { emoji })}`}
              title={names}
              onClick={() => actions.react(message.id, emoji, isMine)}
              className={clsx(
                "min-h-7 rounded-full border px-2 text-sm",
                isMine ? "border-accent bg-mine" : "border-line bg-surface hover:bg-soft",
              )}
            >
              {emoji} {userIds.length > 1 && userIds.length}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Opens the few emoji to choose from. */
export function ReactButton({ message, userId, actions }: Omit<Props, "nameOf">) {
  const t = useStrings();
  const mine = message.reactions.filter(({ userIds }) => userIds.includes(userId)).map(({ emoji }) => emoji);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={t("react")}
        className="rounded-lg p-2 text-muted hover:bg-soft pointer-fine:opacity-0 pointer-fine:group-hover:opacity-100 pointer-fine:focus-visible:opacity-100 data-[state=open]:opacity-100"
      >
        <SmilePlus aria-hidden size={18} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="flex rounded-full border border-line bg-surface p-1 text-xl shadow-lg">
          {common.map((emoji) => (
            <DropdownMenu.Item
              key={emoji}
              aria-label={t(mine.includes(emoji) ? "takeReaction" : "putReaction", { emoji })}
              onSelect={() => actions.react(message.id, emoji, mine.includes(emoji))}
              className={clsx(
                "cursor-pointer rounded-full px-2 py-1 outline-none data-highlighted:bg-soft",
                mine.includes(emoji) && "bg-mine",
              )}
            >
              {emoji}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
