import type { LogBatch, LogWrite } from "../conversation/contract.ts";
import type { Sql } from "./sql.ts";

/** The statements that write a run of a room's log, in order. Run again, or after what follows them, they change nothing. */
export function logStatements(sql: Sql, { conversationId, epoch, writes }: LogBatch) {
  const edits = recordset(writes, "edit");
  return [
    insertMessages(sql, conversationId, epoch, recordset(writes, "message")),
    ...keepRevisions(sql, edits),
    applyEdits(sql, edits),
    insertTranslations(sql, recordset(writes, "translation")),
    applyReactions(sql, recordset(writes, "reaction")),
    applyPins(sql, recordset(writes, "pin")),
    ...eraseDeleted(sql, recordset(writes, "delete")),
  ];
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

/** The last word on each message that stands: what was unpinned stays as a row that says so. */
const applyPins = (sql: Sql, pins: string) => sql`
  insert into pins (message_id, user_id, log_offset, removed, created_at)
  select distinct on (m.id) m.id, w."userId", w."offset", w.removed, to_timestamp(w.at / 1000.0)
  from json_to_recordset(${pins}) as w ("messageId" uuid, "offset" bigint, "userId" uuid, removed boolean, at float8)
  join messages m on m.id = w."messageId" and m.deleted_at is null
  order by m.id, w."offset" desc
  on conflict (message_id) do update
  set user_id = excluded.user_id, log_offset = excluded.log_offset, removed = excluded.removed,
    created_at = excluded.created_at
  where pins.log_offset < excluded.log_offset`;

/** What was deleted is gone here too: the text, its earlier revisions and its translations. */
const eraseDeleted = (sql: Sql, deletes: string) => {
  const deleted = sql`select "messageId" from json_to_recordset(${deletes}) as w ("messageId" uuid)`;
  return [
    sql`delete from translations where message_id in (${deleted})`,
    sql`delete from message_revisions where message_id in (${deleted})`,
    sql`delete from reactions where message_id in (${deleted})`,
    sql`delete from pins where message_id in (${deleted})`,
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
