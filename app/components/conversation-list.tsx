import { Link, NavLink } from "@remix-run/react";
import clsx from "clsx";
import { Plus, Settings } from "lucide-react";
import type { Conversation, User } from "../load-context.ts";
import { useStrings } from "../use-strings.ts";
import { buttonStyle } from "./button.tsx";
import { Wordmark } from "./wordmark.tsx";

interface Props {
  readonly me: User;
  readonly conversations: readonly Conversation[];
  /** Of its title: the page's own on the page of the list. */
  readonly heading: "h1" | "h2";
  readonly className: string;
}

export function ConversationList({ me, conversations, heading: Heading, className }: Props) {
  const t = useStrings();
  return (
    <section className={clsx("flex-col border-line bg-surface md:border-e", className)}>
      <Heading className="sr-only">{t("conversations")}</Heading>
      <header className="flex items-center justify-between gap-2 px-4 py-3">
        <Wordmark />
        <span className="flex">
          <Link to="/settings" aria-label={t("settings")} className={clsx(buttonStyle("quiet"), "px-3")}>
            <Settings aria-hidden size={20} />
          </Link>
          <Link
            to="/conversations/new"
            aria-label={t("newConversation")}
            className={clsx(buttonStyle("quiet"), "px-3")}
          >
            <Plus aria-hidden size={22} />
          </Link>
        </span>
      </header>
      {conversations.length === 0 ? (
        <Empty />
      ) : (
        <nav aria-label={t("conversations")} className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
          <ul className="grid gap-1">
            {conversations.map((conversation) => (
              <li key={conversation.id}>
                <ConversationLink conversation={conversation} myId={me.id} />
              </li>
            ))}
          </ul>
        </nav>
      )}
      <p className="truncate border-t border-line px-4 py-3 text-sm text-muted">
        <bdi>{me.displayName}</bdi>
      </p>
    </section>
  );
}

function ConversationLink({ conversation, myId }: { readonly conversation: Conversation; readonly myId: string }) {
  const t = useStrings();
  const { id, title, members, lastMessage } = conversation;
  const others = members.filter(({ userId }) => userId !== myId).map(({ displayName }) => displayName);
  const author = members.find(({ userId }) => userId === lastMessage?.authorId);
  return (
    <NavLink
      to={`/conversations/${id}`}
      className={({ isActive }) => clsx("block rounded-xl px-3 py-2.5 hover:bg-soft", isActive && "bg-soft")}
    >
      <span className="block truncate font-medium">
        <bdi>{title || others.join(", ")}</bdi>
      </span>
      <span className="block truncate text-sm text-muted" translate="no">
        {lastMessage === undefined ? (
          t("noMessagesYet")
        ) : (
          <>
            <bdi>{author?.userId === myId ? t("you") : (author?.displayName ?? t("somebody"))}</bdi>:{" "}
            <bdi>{lastMessage.text}</bdi>
          </>
        )}
      </span>
    </NavLink>
  );
}

function Empty() {
  const t = useStrings();
  return (
    <div className="grid flex-1 place-content-center gap-4 p-6 text-center">
      <div>
        <p className="font-medium">{t("noConversations")}</p>
        <p className="text-muted">{t("noConversationsHint")}</p>
      </div>
      <Link to="/conversations/new" className={buttonStyle("primary")}>
        {t("newConversation")}
      </Link>
    </div>
  );
}
