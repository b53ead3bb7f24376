import { z } from "zod";
import type { LogBatch, LogWrite, Revision } from "../conversation/contract.ts";
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
  /** Every recorded revision of a message of the conversation, oldest first; none when it was deleted. */
  revisions(conversationId: string, messageId: string): Promise<Revision[]>;
}

export function openMessages(sql: Sql): Messages {
  return {
    async append({ conversationId, epoch, writes }) {
      const last = writes.at(-1);
      if (last === undefined) return;
      const messages = recordset(writes, "message");
      const edits = recordset(writes, "edit");
      const translations = recordset(writes, "translation");
      const deletes = recordset(writes, "delete");
      await sql.transaction([
        // Two runs of the same conversation take turns.
        sql`select from conversations where id = ${conversationId} for update`,
        insertMessages(sql, conversationId, epoch, messages),
        ...keepRevisions(sql, edits),
        applyEdits(sql, edits),
        insertTranslations(sql, translations),
        applyReactions(sql, recordset(writes, "reaction")),
        ...eraseDeleted(sql, deletes),
        // A different epoch means that the room began a new log, which replaces what was drained of the old one.
        sql`
          update conversations set
            drained_offset = case when epoch = ${epoch} then greatest(drained_offset, ${last.offset}) else ${last.offset} end,
            epoch = ${epoch},
            active_at = greatest(active_at, (
              select max(to_timestamp("createdAt" / 1000.0)) from json_to_recordset(${messages}) as w ("createdAt" float8)))
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
            from reactions r where r.message_id = m.id and not r.removed), '[]') as reactions
        from messages m join conversations c on c.id = m.conversation_id and c.epoch = m.epoch
        where m.conversation_id = ${conversationId} and m.log_offset < coalesce(${before ?? null}::bigint, 9007199254740991)
        order by m.log_offset desc
        limit ${limit}`;
      return z.array(messageRow).parse(rows).reverse();
    },

    async revisions(conversationId, messageId) {
      const rows = await sql`
        with message as (
          select id, revision, text, language, created_at from messages
          where id = ${messageId} and conversation_id = ${conversationId} and deleted_at is null
        )
        select r.revision, r.text, r.language, r.created_at as "createdAt"
        from message_revisions r join message m on m.id = r.message_id
        union all
        select revision, text, language, created_at from message
        where not exists (select from message_revisions r join message m on m.id = r.message_id)
        order by revision`;
      return z.array(revisionRow).parse(rows);
    },
  };
}

const insertMessages = (sql: Sql, conversationId: string, epoch: string, messages: string) => sql`
  insert into messages (id, conversation_id, epoch, log_offset, author_id, client_message_id, revision, text, language,
    reply_to, created_at)
  select "messageId", ${conversationId}, ${epoch}, "offset", "authorId", "clientMessageId", 1, text, language,
    nullif("replyTo", '')::uuid, to_timestamp("createdAt" / 1000.0)
  from json_to_recordset(${messages}) as w ("messageId" uuid, "offset" bigint, "authorId" uuid, "clientMessageId" text,
    text text, language text, "replyTo" text, "createdAt" float8)
  on conflict do nothing`;

/** The first text, when this is the first edit, and every edit's. */
const keepRevisions = (sql: Sql, edits: string) => [
  sql`
    insert into message_revisions (message_id, revision, text, language, created_at)
    select m.id, 1, m.text, m.language, m.created_at
    from messages m
    where m.revision = 1 and m.deleted_at is null
      and m.id in (select "messageId" from json_to_recordset(${edits}) as w ("messageId" uuid))
    on conflict do nothing`,
  sql`
    insert into message_revisions (message_id, revision, text, language, created_at)
    select m.id, w.revision, w.text, w.language, to_timestamp("editedAt" / 1000.0)
    from json_to_recordset(${edits}) as w ("messageId" uuid, revision integer, text text, language text, "editedAt" float8)
    join messages m on m.id = w."messageId" and m.deleted_at is null
    on conflict do nothing`,
];

const applyEdits = (sql: Sql, edits: string) => sql`
  update messages m
  set revision = w.revision, text = w.text, language = w.language, edited_at = to_timestamp(w."editedAt" / 1000.0)
  from (
    select distinct on ("messageId") *
    from json_to_recordset(${edits}) as e ("messageId" uuid, revision integer, text text, language text, "editedAt" float8)
    order by "messageId", revision desc
  ) w
  where m.id = w."messageId" and m.revision < w.revision and m.deleted_at is null`;

/** Translations of messages that stand. A later answer to the same question (after a failure) takes the earlier's place. */
const insertTranslations = (sql: Sql, translations: string) => sql`
  insert into translations (message_id, revision, language, text, status, reason, source_language, engine, model,
    model_version, confidence, created_at)
  select distinct on (m.id, w.revision, w.language) m.id, w.revision, w.language, w.text, w.status, w.reason,
    w."sourceLanguage", w.engine, w.model, w."modelVersion", w.confidence, to_timestamp(w."createdAt" / 1000.0)
  from json_to_recordset(${translations}) as w ("messageId" uuid, "offset" bigint, revision integer, language text,
    text text, status text, reason text, "sourceLanguage" text, engine text, model text, "modelVersion" text,
    confidence real, "createdAt" float8)
  join messages m on m.id = w."messageId" and m.deleted_at is null
  order by m.id, w.revision, w.language, w."offset" desc
  on conflict (message_id, revision, language) do update
  set text = excluded.text, status = excluded.status, reason = excluded.reason,
    source_language = excluded.source_language, engine = excluded.engine, model = excluded.model,
    model_version = excluded.model_version, confidence = excluded.confidence, created_at = excluded.created_at
  where translations.created_at < excluded.created_at`;

/** The last word of each person on each emoji of a message that stands. What was taken away stays as a row that says so. */
const applyReactions = (sql: Sql, reactions: string) => sql`
  insert into reactions (message_id, emoji, user_id, log_offset, removed, created_at)
  select distinct on (m.id, w.emoji, w."userId") m.id, w.emoji, w."userId", w."offset", w.removed,
    to_timestamp(w.at / 1000.0)
  from json_to_recordset(${reactions}) as w ("messageId" uuid, "offset" bigint, "userId" uuid, emoji text,
    removed boolean, at float8)
  join messages m on m.id = w."messageId" and m.deleted_at is null
  order by m.id, w.emoji, w."userId", w."offset" desc
  on conflict (message_id, emoji, user_id) do update
  set log_offset = excluded.log_offset, removed = excluded.removed, created_at = excluded.created_at
  where reactions.log_offset < excluded.log_offset`;

/** What was deleted is gone here too: the text, its earlier revisions and its translations. */
const eraseDeleted = (sql: Sql, deletes: string) => {
  const deleted = sql`select "messageId" from json_to_recordset(${deletes}) as w ("messageId" uuid)`;
  return [
    sql`delete from translations where message_id in (${deleted})`,
    sql`delete from message_revisions where message_id in (${deleted})`,
    sql`delete from reactions where message_id in (${deleted})`,
    sql`
      update messages m set text = '', deleted_at = to_timestamp(w."deletedAt" / 1000.0)
      from json_to_recordset(${deletes}) as w ("messageId" uuid, "deletedAt" float8)
      where m.id = w."messageId" and m.deleted_at is null`,
  ];
};

/** The writes of one kind as a JSON array: one parameter whatever their number. */
function recordset(writes: readonly LogWrite[], kind: LogWrite["kind"]): string {
  return JSON.stringify(writes.filter((write) => write.kind === kind).map(storable));
}

/** PostgreSQL stores neither NUL nor lone surrogates; one such text must not hold up the whole log. */
function storable<Write extends object>(write: Write): object {
  return Object.fromEntries(
    Object.entries(write).map(([name, value]) => [
      name,
      typeof value === "string" ? value.replace(/[\0\p{Surrogate}]/gu, "\uFFFD") : value,
    ]),
  );
}

const maybeDate = z
  .date()
  .nullable()
  .transform((date) => date ?? undefined);

const revisionRow = z.object({
  revision: z.int(),
  text: z.string(),
  language: z.string(),
  createdAt: z.date().transform((date) => date.getTime()),
});

const messageRow = z.object({
  id: z.string(),
  offset: z.int(),
  authorId: z.string(),
  clientMessageId: z.string(),
  revision: z.int(),
  text: z.string(),
  language: z.string(),
  replyTo: z
    .string()
    .nullable()
    .transform((id) => id ?? undefined),
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
});
