import type { Database } from "./database.ts";

/** How far each member has read. Not in the log: only where somebody stands now matters. */
export class ReadPositions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Offsets by user id. */
  all(): ReadonlyMap<string, number> {
    const rows = this.#database.all<{ user_id: string; log_offset: number }>("SELECT * FROM read_positions");
    return new Map(rows.map((row) => [row.user_id, row.log_offset]));
  }

  /** 0: nothing yet. */
  of(userId: string): number {
    const [row] = this.#database.all<{ log_offset: number }>(
      "SELECT log_offset FROM read_positions WHERE user_id = ?",
      userId,
    );
    return row?.log_offset ?? 0;
  }

  /** Moves somebody forward; false when they stood there already or further on. */
  advance(userId: string, offset: number): boolean {
    const moved = this.#database.all(
      `INSERT INTO read_positions VALUES (?, ?)
       ON CONFLICT (user_id) DO UPDATE SET log_offset = excluded.log_offset WHERE excluded.log_offset > log_offset
       RETURNING user_id`,
      userId,
      offset,
    );
    return moved.length > 0;
  }

  forget(userId: string): void {
    this.#database.all("DELETE FROM read_positions WHERE user_id = ?", userId);
  }
}
