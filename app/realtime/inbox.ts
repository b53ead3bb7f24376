import type { ConversationUpdate, ServerEvent } from "../../proto/gen/meeshy/v1/realtime_pb.js";

/** How one of the reader's conversations stands, as their inbox tells it. */
export interface Standing {
  readonly title: string;
  /** The last offset of its log: a standing with a lower one is older. */
  readonly offset: number;
  readonly unread: number;
  /** Those of the unread messages that mention the reader. */
  readonly mentions: number;
  /** Undefined: nobody has written yet. */
  readonly latest: { readonly authorId: string; readonly author: string; readonly text: string } | undefined;
  /** When its newest message was written, milliseconds since the epoch; 0: never. */
  readonly activeAt: number;
}

export type Standings = ReadonlyMap<string, Standing>;

/** What the inbox has told so far. */
export interface InboxState {
  readonly standings: Standings;
  /** Ids of people who share a conversation with the reader and are here. */
  readonly online: ReadonlySet<string>;
}

export const emptyInbox: InboxState = { standings: new Map(), online: new Set() };

/** What is known after an event of the inbox's socket; the same when nothing changed. */
export function inboxReducer(state: InboxState, { event }: ServerEvent): InboxState {
  switch (event.case) {
    case "connection":
      // Whoever is here is told of anew.
      return { ...state, online: new Set() };
    case "conversationUpdate":
      return { ...state, standings: updated(state.standings, event.value) };
    case "userOnline":
      return { ...state, online: new Set(state.online).add(event.value.userId) };
    case "userOffline": {
      const { userId } = event.value;
      return { ...state, online: new Set([...state.online].filter((id) => id !== userId)) };
    }
    default:
      return state;
  }
}

function updated(standings: Standings, update: ConversationUpdate): Standings {
  const { conversationId, title, offset, unread, mentions, removed, lastMessage } = update;
  const next = new Map(standings);
  next.delete(conversationId);
  if (removed) return next;
  const latest = lastMessage && {
    authorId: lastMessage.authorId,
    author: lastMessage.authorName,
    text: lastMessage.text,
  };
  const activeAt = Number(lastMessage?.createdAt?.seconds ?? 0) * 1_000;
  return next.set(conversationId, { title, offset, unread, mentions, latest, activeAt });
}
