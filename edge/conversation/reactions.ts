import type { Database } from "./database.ts";

/** Everybody who put one emoji on a message, in the order in which they did. */
export interface Reaction {
  readonly emoji: string;
  readonly userIds: string[];
}

/** The emoji on the messages of a room. The log alone changes them. */
export class Reactions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In the order in which each emoji came first. */
  of(messageId: string): Reaction[] {
    const rows = this.#database.all<{ emoji: string; user_id: string }>(
      "SELECT emoji, user_id FROM reactions WHERE message_id = ? ORDER BY log_offset",
      messageId,
    );
    const byEmoji = new Map<string, string[]>();
    for (const { emoji, user_id } of rows) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), user_id]);
    return Array.from(byEmoji, ([emoji, userIds]) => ({ emoji, userIds }));
  }

  /** Offset of the event that put it there; undefined when it is not. */
  find(messageId: string, emoji: string, userId: string): number | undefined {
    return this.#database.all<{ log_offset: number }>(
      "SELECT log_offset FROM reactions WHERE message_id = ? AND emoji = ? AND user_id = ?",
      messageId,
      emoji,
      userId,
    )[0]?.log_offset;
  }

  put(messageId: string, emoji: string, userId: string, offset: number): void {
    this.#database.all("INSERT OR IGNORE INTO reactions VALUES (?, ?, ?, ?)", messageId, emoji, userId, offset);
  }

  take(messageId: string, emoji: string, userId: string): void {
    this.#database.all(
      "DELETE FROM reactions WHERE message_id = ? AND emoji = ? AND user_id = ?",
      messageId,
      emoji,
      userId,
    );
  }

  forget(messageId: string): void {
    this.#database.all("DELETE FROM reactions WHERE message_id = ?", messageId);
  }
}
