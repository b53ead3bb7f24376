import type { Database } from "../conversation/database.ts";

/** Answers kept in one room. */
const maxEntries = 2_000;
/** A hit is written down only when the last one was this long ago: a row written per hit would cost more than it is worth. */
const touchMs = 60 * 60 * 1_000;

/** The translations that a room used last, in its own storage: the nearest cache, there after every eviction. */
export class RoomCache {
  readonly #database: Database;
  readonly #now: () => number;
  #entries: number;

  /** @param now milliseconds since the epoch */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
    this.#entries =
      database.all<{ entries: number }>("SELECT count(*) AS entries FROM translation_cache")[0]?.entries ?? 0;
  }

  get(key: string): string | undefined {
    const [row] = this.#database.all<{ used_at: number; result: string }>(
      "SELECT used_at, result FROM translation_cache WHERE key = ?",
      key,
    );
    if (row !== undefined && this.#now() - row.used_at > touchMs) {
      this.#database.all("UPDATE translation_cache SET used_at = ? WHERE key = ?", this.#now(), key);
    }
    return row?.result;
  }

  set(key: string, result: string): void {
    if (this.get(key) === undefined) this.#entries += 1;
    this.#database.all("INSERT OR REPLACE INTO translation_cache VALUES (?, ?, ?)", key, this.#now(), result);
    if (this.#entries > maxEntries) this.#evict();
  }

  /** Throws out the tenth that was used longest ago. */
  #evict(): void {
    this.#database.all(
      "DELETE FROM translation_cache WHERE key IN (SELECT key FROM translation_cache ORDER BY used_at LIMIT ?)",
      maxEntries / 10,
    );
    this.#entries -= maxEntries / 10;
  }
}
