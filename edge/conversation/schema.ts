import type { Database } from "./database.ts";

/**
 * The room's tables. Each entry takes a room from the version before it to the next; entries are never changed once
 * released, only added.
 *
 * - `log`: every visible change of late, in order; `frame` is the event as it goes over the wire, `language` is that of a
 *   translation and empty for what everybody gets.
 * - `messages`: each of the newest messages as it stands now, and older ones for as long as somebody is busy with them.
 * - `sends`: which send made which message, of those that have left `messages`.
 * - `requests`: which request of an author made which log entry, so that repeating it changes nothing.
 * - `translations`: what is known of each message in each language; `log_offset` 0: settled without an event.
 * - `pending_translations`: what still has to be translated, and when it is to be tried next.
 * - `reactions`: which emoji is on which message by whom; `log_offset` is that of the event that put it there.
 * - `pins`: which messages are pinned by whom; `log_offset` is that of the event that pinned it.
 * - `read_positions`: how far each member has read; `written_offset` is what the system of record knows of it.
 * - `last_seen`: when each member was last online, milliseconds since the epoch.
 * - `mentions`: whom each message mentions; `log_offset` is that of the message.
 * - `relayed_sockets`: the sockets that relays hold for the room, with what is attached to them.
 * - `translation_cache`: answers of the fleet by digest of the question.
 */
const versions: readonly (readonly string[])[] = [
  [
    `CREATE TABLE log (
      log_offset INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      message_id TEXT NOT NULL,
      language TEXT NOT NULL,
      frame BLOB NOT NULL
    )`,
    `CREATE TABLE messages (
      log_offset INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      author_id TEXT NOT NULL,
      client_message_id TEXT NOT NULL,
      revision INTEGER NOT NULL,
      text TEXT NOT NULL,
      language TEXT NOT NULL,
      reply_to TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      edited_at INTEGER NOT NULL,
      deleted_at INTEGER NOT NULL
    )`,
    `CREATE TABLE requests (
      author_id TEXT NOT NULL,
      client_message_id TEXT NOT NULL,
      message_id TEXT NOT NULL,
      log_offset INTEGER NOT NULL,
      PRIMARY KEY (author_id, client_message_id)
    ) WITHOUT ROWID`,
    `CREATE TABLE translations (
      message_id TEXT NOT NULL,
      language TEXT NOT NULL,
      revision INTEGER NOT NULL,
      log_offset INTEGER NOT NULL,
      body BLOB NOT NULL,
      PRIMARY KEY (message_id, language)
    ) WITHOUT ROWID`,
    `CREATE TABLE pending_translations (
      message_id TEXT NOT NULL,
      language TEXT NOT NULL,
      revision INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      failures INTEGER NOT NULL,
      next_at INTEGER NOT NULL,
      PRIMARY KEY (message_id, language)
    ) WITHOUT ROWID`,
    "CREATE INDEX pending_translations_by_time ON pending_translations (next_at)",
    `CREATE TABLE translation_cache (
      key TEXT PRIMARY KEY,
      used_at INTEGER NOT NULL,
      result TEXT NOT NULL
    ) WITHOUT ROWID`,
    `CREATE TABLE members (
      user_id TEXT PRIMARY KEY,
      display_name TEXT NOT NULL,
      role TEXT NOT NULL,
      reading_language TEXT NOT NULL
    ) WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE reactions (
      message_id TEXT NOT NULL,
      emoji TEXT NOT NULL,
      user_id TEXT NOT NULL,
      log_offset INTEGER NOT NULL,
      PRIMARY KEY (message_id, emoji, user_id)
    ) WITHOUT ROWID`,
    // A send is recognised by its message even after its event has left the log.
    `CREATE TABLE read_positions (
      user_id TEXT PRIMARY KEY,
      log_offset INTEGER NOT NULL
    ) WITHOUT ROWID`,
    "CREATE INDEX messages_by_request ON messages (author_id, client_message_id)",
  ],
  [
    // Client message ids grow with time as a rule, authors do not: with the id first, what is written together lies together.
    "DROP INDEX messages_by_request",
    "CREATE INDEX messages_by_client_message_id ON messages (client_message_id, author_id)",
  ],
  [
    `CREATE TABLE relayed_sockets (
      relay TEXT NOT NULL,
      id INTEGER NOT NULL,
      attachment TEXT NOT NULL,
      PRIMARY KEY (relay, id)
    ) WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE pins (
      message_id TEXT PRIMARY KEY,
      user_id TEXT NOT NULL,
      at INTEGER NOT NULL,
      log_offset INTEGER NOT NULL
    ) WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE sends (
      client_message_id TEXT NOT NULL,
      author_id TEXT NOT NULL,
      message_id TEXT NOT NULL,
      log_offset INTEGER NOT NULL,
      PRIMARY KEY (client_message_id, author_id)
    ) WITHOUT ROWID`,
  ],
  [
    `CREATE TABLE last_seen (
      user_id TEXT PRIMARY KEY,
      at INTEGER NOT NULL
    ) WITHOUT ROWID`,
  ],
  [
    "ALTER TABLE members ADD COLUMN username TEXT NOT NULL DEFAULT ''",
    `CREATE TABLE mentions (
      log_offset INTEGER NOT NULL,
      user_id TEXT NOT NULL,
      message_id TEXT NOT NULL,
      PRIMARY KEY (log_offset, user_id)
    ) WITHOUT ROWID`,
    "CREATE INDEX mentions_by_person ON mentions (user_id, log_offset)",
  ],
  ["ALTER TABLE read_positions ADD COLUMN written_offset INTEGER NOT NULL DEFAULT 0"],
];

/** Brings the room's tables to the newest version; does nothing when they are there already. */
export function migrate(database: Database): void {
  database.all("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  const current = Number(readFact(database, "schema") ?? 0);
  versions.slice(current).forEach((statements, index) => {
    database.transaction(() => {
      for (const statement of statements) database.all(statement);
      writeFact(database, "schema", String(current + index + 1));
    });
  });
}

/** The few single values that a room keeps. */
export type FactName =
  | "schema"
  | "epoch"
  | "drained"
  | "trimmed"
  | "released"
  | "unnotified"
  | "conversation"
  | "title"
  | "translates"
  | "translates_since";

export function readFact(database: Database, name: FactName): string | undefined {
  return database.all<{ value: string }>("SELECT value FROM facts WHERE name = ?", name)[0]?.value;
}

export function writeFact(database: Database, name: FactName, value: string): void {
  database.all("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", name, value);
}
