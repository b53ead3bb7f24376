import { Link, NavLink } from "@remix-run/react";
import clsx from "clsx";
import { BellOff, Plus, Settings } from "lucide-react";
import type { Conversation, User } from "../load-context.ts";
import { isMuted } from "../mute.ts";
import type { Standing, Standings } from "../realtime/inbox.ts";
import { useStrings } from "../use-strings.ts";
import { buttonStyle } from "./button.tsx";
import { Wordmark } from "./wordmark.tsx";

/** The newest message of the open conversation, which its socket knows before the list does. */
export interface Latest {
  readonly conversationId: string;
  /** As this reader reads it; undefined: there is none. */
  readonly message: Preview | undefined;
}

interface Preview {
  /** Empty: somebody who is gone. */
  readonly author: string;
  readonly isMine: boolean;
  readonly text: string;
}

interface Props {
  readonly id?: string;
  readonly me: User;
  readonly conversations: readonly Conversation[];
  readonly latest: Latest | undefined;
  /** What the inbox tells, which is newer than the list. */
  readonly standings: Standings;
  /** Ids of the people who are here now. */
  readonly online: ReadonlySet<string>;
  /** Of its title: the page's own on the page of the list. */
  readonly heading: "h1" | "h2";
  readonly className: string;
}

export function ConversationList({
  id,
  me,
  conversations,
  latest,
  standings,
  online,
  heading: Heading,
  className,
}: Props) {
  const t = useStrings();
  return (
    <section
      id={id}
      tabIndex={-1}
      className={clsx("min-w-0 flex-col border-line bg-surface outline-none md:border-e", className)}
    >
      <Heading className="sr-only">{t("conversations")}</Heading>
      <header className="flex items-center justify-between gap-2 py-2 ps-4 pe-2">
        <Wordmark />
        <span className="flex">
          <Link to="/settings" aria-label={t("settings")} className={clsx(buttonStyle("quiet"), "px-3")}>
            <Settings aria-hidden size={20} />
          </Link>
          {!me.isGuest && (
            <Link
              to="/conversations/new"
              aria-label={t("newConversation")}
              className={clsx(buttonStyle("quiet"), "px-3")}
            >
              <Plus aria-hidden size={22} />
            </Link>
          )}
        </span>
      </header>
      {conversations.length === 0 ? (
        <Empty isGuest={me.isGuest} />
      ) : (
        <nav aria-label={t("conversations")} className="min-h-0 flex-1 overflow-y-auto px-2 pb-4">
          <ul className="grid grid-cols-1 gap-1">
            {inOrder(conversations, standings).map((conversation) => {
              const standing = standings.get(conversation.id);
              const isOpen = latest?.conversationId === conversation.id;
              return (
                <li key={conversation.id}>
                  <ConversationLink
                    conversation={{ ...conversation, title: standing?.title ?? conversation.title }}
                    preview={isOpen ? latest.message : previewOf(conversation, standing, me.id)}
                    isOnline={isWithOneWhoIs(conversation, me.id, online)}
                    unread={isOpen ? 0 : (standing?.unread ?? 0)}
                    myId={me.id}
                  />
                </li>
              );
            })}
          </ul>
        </nav>
      )}
      <p className="truncate border-t border-line px-4 py-3 text-sm text-muted">
        <bdi>{me.displayName}</bdi>
      </p>
    </section>
  );
}

interface LinkProps {
  readonly conversation: Conversation;
  readonly preview: Preview | undefined;
  readonly unread: number;
  /** Whether it is with one person, and that one is here. */
  readonly isOnline: boolean;
  readonly myId: string;
}

function ConversationLink({ conversation, preview, unread, isOnline, myId }: LinkProps) {
  const t = useStrings();
  const { id, title, members, mute } = conversation;
  const muted = isMuted(mute, Date.now());
  const others = members.filter(({ userId }) => userId !== myId).map(({ displayName }) => displayName);
  return (
    <NavLink
      to={`/conversations/${id}`}
      className={({ isActive }) => clsx("block rounded-xl px-3 py-2.5 hover:bg-soft", isActive && "bg-soft")}
    >
      <span className="flex items-center gap-2">
        {isOnline && (
          <span className="size-2.5 shrink-0 rounded-full bg-online">
            <span className="sr-only">{t("online")}</span>
          </span>
        )}
        <span className="min-w-0 flex-1 truncate font-medium">
          <bdi>{title || others.join(", ")}</bdi>
        </span>
        {muted && (
          <span className="text-muted" title={t("muted")}>
            <BellOff aria-hidden size={16} />
            <span className="sr-only">{t("muted")}</span>
          </span>
        )}
        {unread > 0 && (
          <span
            className={clsx(
              "rounded-full px-2 text-sm",
              muted ? "border border-control text-muted" : "bg-accent text-on-accent",
            )}
            title={t("unread", { count: unread })}
          >
            <span aria-hidden>{unread >= 100 ? "99+" : unread}</span>
            <span className="sr-only">{t("unread", { count: unread })}</span>
          </span>
        )}
      </span>
      <span className="block truncate text-sm text-muted" translate="no">
        {preview === undefined ? (
          t("noMessagesYet")
        ) : (
          <>
            <bdi>{preview.isMine ? t("you") : preview.author || t("somebody")}</bdi>: <bdi>{preview.text}</bdi>
          </>
        )}
      </span>
    </NavLink>
  );
}

function isWithOneWhoIs({ members }: Conversation, myId: string, online: ReadonlySet<string>): boolean {
  const others = members.filter(({ userId }) => userId !== myId);
  return others.length === 1 && others.some(({ userId }) => online.has(userId));
}

/** The most recently active first, by what the inbox knows of late. */
function inOrder(conversations: readonly Conversation[], standings: Standings): readonly Conversation[] {
  const activeAt = ({ id, createdAt, lastMessage }: Conversation): number =>
    standings.get(id)?.activeAt || Date.parse(lastMessage?.createdAt ?? createdAt);
  return conversations.toSorted((one, other) => activeAt(other) - activeAt(one));
}

function previewOf(
  { members, lastMessage }: Conversation,
  standing: Standing | undefined,
  myId: string,
): Preview | undefined {
  if (standing?.latest !== undefined) {
    const { authorId, author, text } = standing.latest;
    return { author, isMine: authorId === myId, text };
  }
  if (lastMessage === undefined) return undefined;
  const { authorId, text } = lastMessage;
  const author = members.find(({ userId }) => userId === authorId)?.displayName ?? "";
  return { author, isMine: authorId === myId, text };
}

function Empty({ isGuest }: { readonly isGuest: boolean }) {
  const t = useStrings();
  return (
    <div className="grid flex-1 place-content-center gap-4 p-6 text-center">
      <div>
        <p className="font-medium">{t("noConversations")}</p>
        {!isGuest && <p className="text-muted">{t("noConversationsHint")}</p>}
      </div>
      {!isGuest && (
        <Link to="/conversations/new" className={buttonStyle("primary")}>
          {t("newConversation")}
        </Link>
      )}
    </div>
  );
}
