import type { ServerEvent } from "../../proto/gen/meeshy/v1/realtime_pb.js";

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

/** What is known after an event of the inbox's socket; the same map when nothing changed. */
export function inboxReducer(standings: Standings, { event }: ServerEvent): Standings {
  if (event.case !== "conversationUpdate") return standings;
  const { conversationId, title, offset, unread, mentions, removed, lastMessage } = event.value;
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
