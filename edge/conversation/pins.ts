import type { Database } from "./database.ts";

/** That a message is pinned. */
export interface Pin {
  readonly userId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Of the event that pinned it. */
  readonly offset: number;
}

/** The pinned messages of a room. The log alone changes them. */
export class Pins {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined when the message is not pinned. */
  of(messageId: string): Pin | undefined {
    const [row] = this.#database.all<{ user_id: string; at: number; log_offset: number }>(
      "SELECT user_id, at, log_offset FROM pins WHERE message_id = ?",
      messageId,
    );
    return row && { userId: row.user_id, at: row.at, offset: row.log_offset };
  }

  get count(): number {
    return this.#database.all<{ count: number }>("SELECT count(*) AS count FROM pins")[0]?.count ?? 0;
  }

  put(messageId: string, { userId, at, offset }: Pin): void {
    this.#database.all("INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", messageId, userId, at, offset);
  }

  take(messageId: string): void {
    this.#database.all("DELETE FROM pins WHERE message_id = ?", messageId);
  }
}
