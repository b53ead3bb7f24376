import { z } from "zod";
import type { Archive } from "../conversation/archive.ts";
import { isUuid } from "../ids.ts";
import type { Sql } from "./sql.ts";

/** Reads what rooms wrote. Every method is one round trip. */
export function openArchive(sql: Sql): Omit<Archive, "members"> {
  const messages = sql`
    select m.id, m.log_offset::int as "offset", m.author_id as "authorId", m.client_message_id as "clientMessageId",
      m.revision, m.text, m.language, m.reply_to as "replyTo",
      m.created_at as "createdAt", m.edited_at as "editedAt", m.deleted_at as "deletedAt",
      coalesce((
        select json_agg(json_build_object('language', t.language, 'text', t.text, 'status', t.status,
          'reason', t.reason, 'sourceLanguage', t.source_language, 'engine', t.engine, 'model', t.model,
          'modelVersion', t.model_version, 'confidence', t.confidence) order by t.language)
        from translations t where t.message_id = m.id and t.revision = m.revision), '[]') as translations,
      coalesce((
        select json_agg(json_build_object('emoji', r.emoji, 'userId', r.user_id, 'offset', r.log_offset) order by r.log_offset)
        from reactions r where r.message_id = m.id and not r.removed), '[]') as reactions,
      p.user_id as "pinnedBy", p.created_at as "pinnedAt", p.log_offset::int as "pinnedOffset"
    from messages m left join pins p on p.message_id = m.id and not p.removed`;

  return {
    async page(conversationId, before, limit) {
      const rows = await sql`
        ${messages}
        where m.conversation_id = ${conversationId} and m.log_offset < coalesce(${before ?? null}::bigint, 9007199254740991)
        order by m.log_offset desc
        limit ${limit}`;
      return z.array(messageRow).parse(rows).reverse();
    },

    async find(conversationId, messageIds) {
      // Clients choose what they name: PostgreSQL would take offence at what is no UUID.
      const ids = messageIds.filter(isUuid);
      if (ids.length === 0) return [];
      const rows = await sql`
        ${messages} where m.conversation_id = ${conversationId} and m.id = any(${ids}::uuid[])`;
      return z.array(messageRow).parse(rows);
    },

    async pinned(conversationId) {
      const rows = await sql`
        ${messages}
        where m.conversation_id = ${conversationId} and p.message_id is not null
        order by m.log_offset`;
      return z.array(messageRow).parse(rows);
    },

    async sends(conversationId, before, limit) {
      const rows = await sql`
        select id as "messageId", author_id as "authorId", client_message_id as "clientMessageId", log_offset::int as "offset"
        from messages where conversation_id = ${conversationId} and log_offset < ${before}
        order by log_offset desc
        limit ${limit}`;
      return z.array(sendRow).parse(rows);
    },

    async reads(conversationId) {
      const rows = await sql`
        select user_id as "userId", read_offset::int as "offset" from members
        where conversation_id = ${conversationId} and left_at is null and read_offset is not null`;
      return z.array(readRow).parse(rows);
    },

    async takeOver(conversationId, epoch) {
      const rows = await sql`
        with written as (
          select greatest(drained_offset, (select max(log_offset) from messages where conversation_id = ${conversationId})) as last
          from conversations where id = ${conversationId}
          for update
        )
        update conversations set epoch = ${epoch}, drained_offset = last from written where id = ${conversationId}
        returning last::int as "offset", title, translates`;
      return z.array(takenRow).parse(rows)[0];
    },
  };
}

const takenRow = z.object({ offset: z.int(), title: z.string(), translates: z.boolean() });
const readRow = z.object({ userId: z.string(), offset: z.int() });
const sendRow = z.object({
  authorId: z.string(),
  clientMessageId: z.string(),
  messageId: z.string(),
  offset: z.int(),
});

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
  reactions: z.array(z.object({ emoji: z.string(), userId: z.string(), offset: z.int() })),
  pinnedBy: maybeText,
  pinnedAt: maybeDate,
  pinnedOffset: z
    .int()
    .nullable()
    .transform((offset) => offset ?? undefined),
});
