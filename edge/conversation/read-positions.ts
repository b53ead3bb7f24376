import type { ReadPosition } from "./contract.ts";
import type { Database } from "./database.ts";

/** Positions that go to the system of record at a time. */
const atOnce = 1_000;

type Row = { user_id: string; log_offset: number };

/**
 * How far each member has read. Not in the log: only where somebody stands now matters. What the system of record has not been
 * told yet is known here.
 */
export class ReadPositions {
  readonly #database: Database;
  #isUnwritten: boolean;

  constructor(database: Database) {
    this.#database = database;
    this.#isUnwritten = this.unwritten(1).length > 0;
  }

  /** Offsets by user id. */
  all(): ReadonlyMap<string, number> {
    const rows = this.#database.all<Row>("SELECT user_id, log_offset FROM read_positions");
    return new Map(rows.map((row) => [row.user_id, row.log_offset]));
  }

  /** 0: nothing yet. */
  of(userId: string): number {
    const [row] = this.#database.all<Row>("SELECT user_id, log_offset FROM read_positions WHERE user_id = ?", userId);
    return row?.log_offset ?? 0;
  }

  /** Moves somebody forward; false when they stood there already or further on. */
  advance(userId: string, offset: number): boolean {
    const moved = this.#database.all(
      `INSERT INTO read_positions (user_id, log_offset) VALUES (?, ?)
       ON CONFLICT (user_id) DO UPDATE SET log_offset = excluded.log_offset WHERE excluded.log_offset > log_offset
       RETURNING user_id`,
      userId,
      offset,
    );
    if (moved.length > 0) this.#isUnwritten = true;
    return moved.length > 0;
  }

  forget(userId: string): void {
    this.#database.all("DELETE FROM read_positions WHERE user_id = ?", userId);
  }

  /** Whether somebody has moved since the system of record was told of them. */
  get isUnwritten(): boolean {
    return this.#isUnwritten;
  }

  /** Those of whom the system of record has to be told. */
  unwritten(most: number = atOnce): ReadPosition[] {
    return this.#database
      .all<Row>("SELECT user_id, log_offset FROM read_positions WHERE log_offset > written_offset LIMIT ?", most)
      .map((row) => ({ userId: row.user_id, offset: row.log_offset }));
  }

  /** The system of record has been told of these; whoever has moved on since has to be told of again. */
  markWritten(positions: readonly ReadPosition[]): void {
    for (const { userId, offset } of positions) {
      this.#database.all("UPDATE read_positions SET written_offset = ? WHERE user_id = ?", offset, userId);
    }
    this.#isUnwritten = this.unwritten(1).length > 0;
  }
}
