import { type Database, insertAll } from "./database.ts";
import { readFact, writeFact } from "./schema.ts";

/** An event of the log. Events are numbered from 1 without gaps and never change their offset. */
export interface LogEntry {
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of a translation, for its readers alone; empty: for everybody. */
  readonly language: string;
  /** The event as a binary ServerFrame. */
  readonly frame: Uint8Array;
}

/** An event and the message that it is of; empty: of none. */
export interface EventRow {
  readonly entry: LogEntry;
  readonly messageId: string;
}

type StoredRow = { log_offset: number; at: number; language: string; frame: ArrayBuffer };

/** The events of a log as they are stored. */
export class EventTable {
  readonly #database: Database;
  #trimmed: number;

  constructor(database: Database) {
    this.#database = database;
    this.#trimmed = Number(readFact(database, "trimmed") ?? 0);
  }

  insert(rows: readonly EventRow[]): void {
    const columns = rows.map(({ entry, messageId }) => [
      entry.offset,
      entry.at,
      messageId,
      entry.language,
      entry.frame,
    ]);
    insertAll(this.#database, "log", columns);
  }

  /** The offset of the newest event; 0 before the first. */
  last(): number {
    const [row] = this.#database.all<{ last: number | null }>("SELECT max(log_offset) AS last FROM log");
    return row?.last ?? this.#trimmed;
  }

  /** Events up to this offset are no longer here. */
  get trimmed(): number {
    return this.#trimmed;
  }

  /** Lets events up to an offset go, and in the same transaction what else goes with them. */
  trim(upTo: number, others: () => void): void {
    this.#database.transaction(() => {
      this.#database.all("DELETE FROM log WHERE log_offset <= ?", upTo);
      others();
      writeFact(this.#database, "trimmed", String(upTo));
    });
    this.#trimmed = upTo;
  }

  /** The oldest `limit` events after an offset, of all languages. */
  since(offset: number, limit: number): LogEntry[] {
    const rows = this.#database.all<StoredRow>(
      "SELECT log_offset, at, language, frame FROM log WHERE log_offset > ? ORDER BY log_offset LIMIT ?",
      offset,
      limit,
    );
    return rows.map((row) => ({
      offset: row.log_offset,
      at: row.at,
      language: row.language,
      frame: new Uint8Array(row.frame),
    }));
  }

  /** The messages that were written or edited after an offset. */
  changedSince(offset: number): string[] {
    const rows = this.#database.all<{ message_id: string }>(
      "SELECT DISTINCT message_id FROM log WHERE log_offset > ? AND language = '' AND message_id <> ''",
      offset,
    );
    return rows.map(({ message_id: id }) => id);
  }
}
