import type { Database } from "./database.ts";

/** When each member was last online. Times are milliseconds since the epoch. Who never was is not in it. */
export class LastSeen {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Times by user id. */
  all(): ReadonlyMap<string, number> {
    const rows = this.#database.all<{ user_id: string; at: number }>("SELECT * FROM last_seen");
    return new Map(rows.map((row) => [row.user_id, row.at]));
  }

  note(userId: string, at: number): void {
    this.#database.all("INSERT OR REPLACE INTO last_seen VALUES (?, ?)", userId, at);
  }

  forget(userId: string): void {
    this.#database.all("DELETE FROM last_seen WHERE user_id = ?", userId);
  }
}
