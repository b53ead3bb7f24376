import { z } from "zod";
import type { LogBatch } from "../conversation/contract.ts";
import { logStatements } from "./log-writes.ts";
import type { Sql } from "./sql.ts";

/** A message as it stands, with the translations of its current revision. */
export interface RecordedMessage {
  readonly id: string;
  readonly offset: number;
  readonly authorId: string;
  readonly clientMessageId: string;
  readonly revision: number;
  /** Empty once deleted. */
  readonly text: string;
  /** Empty: not known. */
  readonly language: string;
  readonly replyTo: string | undefined;
  readonly createdAt: Date;
  readonly editedAt: Date | undefined;
  readonly deletedAt: Date | undefined;
  readonly translations: readonly RecordedTranslation[];
  /** In the order in which they were put there. */
  readonly reactions: readonly { readonly emoji: string; readonly userId: string }[];
  /** Undefined: it is not pinned. */
  readonly pinnedBy: string | undefined;
  readonly pinnedAt: Date | undefined;
}

export interface RecordedTranslation {
  readonly language: string;
  readonly text: string;
  readonly status: string;
  readonly reason: string;
  readonly sourceLanguage: string;
  readonly engine: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly confidence: number;
}

export interface Messages {
  /**
   * Writes a run of a room's log, all or nothing. Writing it again, in part or after what follows it, changes nothing:
   * a newer revision stays, a deleted message stays deleted, the drained offset never goes back.
   */
  append(batch: LogBatch): Promise<void>;
  /** Up to `limit` messages of the conversation's current epoch, older than the offset `before`, oldest first. */
  page(conversationId: string, before: number | undefined, limit: number): Promise<RecordedMessage[]>;
}

export function openMessages(sql: Sql): Messages {
  return {
    async append({ conversationId, epoch, writes }) {
      const last = writes.at(-1);
      if (last === undefined) return;
      await sql.transaction([
        // Two runs of the same conversation take turns.
        sql`select from conversations where id = ${conversationId} for update`,
        ...logStatements(sql, { conversationId, epoch, writes }),
        // A different epoch means that the room began a new log, which replaces what was drained of the old one.
        sql`
          update conversations set
            drained_offset = case when epoch = ${epoch} then greatest(drained_offset, ${last.offset}) else ${last.offset} end,
            epoch = ${epoch},
            active_at = greatest(active_at, to_timestamp(${newestMessageAt(writes)}::float8 / 1000.0))
          where id = ${conversationId}`,
      ]);
    },

    async page(conversationId, before, limit) {
      const rows = await sql`
        select m.id, m.log_offset::int as "offset", m.author_id as "authorId", m.client_message_id as "clientMessageId",
          m.revision, m.text, m.language, m.reply_to as "replyTo",
          m.created_at as "createdAt", m.edited_at as "editedAt", m.deleted_at as "deletedAt",
          coalesce((
            select json_agg(json_build_object('language', t.language, 'text', t.text, 'status', t.status,
              'reason', t.reason, 'sourceLanguage', t.source_language, 'engine', t.engine, 'model', t.model,
              'modelVersion', t.model_version, 'confidence', t.confidence) order by t.language)
            from translations t where t.message_id = m.id and t.revision = m.revision), '[]') as translations,
          coalesce((
            select json_agg(json_build_object('emoji', r.emoji, 'userId', r.user_id) order by r.log_offset)
            from reactions r where r.message_id = m.id and not r.removed), '[]') as reactions,
          p.user_id as "pinnedBy", p.created_at as "pinnedAt"
        from messages m join conversations c on c.id = m.conversation_id and c.epoch = m.epoch
        left join pins p on p.message_id = m.id and not p.removed
        where m.conversation_id = ${conversationId} and m.log_offset < coalesce(${before ?? null}::bigint, 9007199254740991)
        order by m.log_offset desc
        limit ${limit}`;
      return z.array(messageRow).parse(rows).reverse();
    },
  };
}

/** Milliseconds since the epoch; null: there is no new message. */
function newestMessageAt(writes: LogBatch["writes"]): number | null {
  const times = writes.flatMap((write) => (write.kind === "message" ? [write.createdAt] : []));
  return times.length === 0 ? null : Math.max(...times);
}

const maybeDate = z
  .date()
  .nullable()
  .transform((date) => date ?? undefined);
const maybeText = z
  .string()
  .nullable()
  .transform((text) => text ?? undefined);

const messageRow = z.object({
  id: z.string(),
  offset: z.int(),
  authorId: z.string(),
  clientMessageId: z.string(),
  revision: z.int(),
  text: z.string(),
  language: z.string(),
  replyTo: maybeText,
  createdAt: z.date(),
  editedAt: maybeDate,
  deletedAt: maybeDate,
  translations: z.array(
    z.object({
      language: z.string(),
      text: z.string(),
      status: z.string(),
      reason: z.string(),
      sourceLanguage: z.string(),
      engine: z.string(),
      model: z.string(),
      modelVersion: z.string(),
      confidence: z.number(),
    }),
  ),
  reactions: z.array(z.object({ emoji: z.string(), userId: z.string() })),
  pinnedBy: maybeText,
  pinnedAt: maybeDate,
});
