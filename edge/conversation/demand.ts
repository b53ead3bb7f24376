import type { Database } from "./database.ts";
import type { Messages, StoredMessage } from "./messages.ts";

/** A translation that is asked for and not there. */
export interface Pending {
  readonly messageId: string;
  readonly revision: number;
  readonly language: string;
  /** Tries that ended without an answer or with a failure. */
  readonly attempts: number;
  /** Tries in which the fleet answered that it could not translate. */
  readonly failures: number;
}

type Row = { message_id: string; revision: number; language: string; attempts: number; failures: number };

const pairOf = (messageId: string, language: string): string => `${messageId} ${language}`;

/**
 * Which translations are asked for and not there yet. Kept in storage, so that a demand outlives the room's memory and an
 * outage of the fleet; a demand is in the table once, however often it is asked for.
 */
export class Demand {
  readonly #database: Database;
  /** When the next try is due; null: to be asked of the table again. */
  #nextAt: number | undefined | null = null;
  /** Pairs of a message and a language of which a try has begun and, as far as this room remembers, not ended. */
  readonly #underWay = new Set<string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Notes the languages in which a message is wanted, and returns those that are new: not the language it is written in,
   * not known, not asked for already. Their first try is the caller's; `retryAt` is when to look again if it never ends.
   */
  add(messages: Messages, message: StoredMessage, languages: readonly string[], retryAt: number): string[] {
    if (message.deletedAt > 0) return [];
    const isNew = (language: string) =>
      language !== message.language &&
      messages.translation(message, language) === undefined &&
      this.#database.all(
        "SELECT 1 FROM pending_translations WHERE message_id = ? AND language = ? AND revision = ?",
        message.id,
        language,
        message.revision,
      ).length === 0;
    const added = languages.filter(isNew);
    if (added.length > 0) this.#nextAt = null;
    for (const language of added) {
      this.#database.all(
        "INSERT OR REPLACE INTO pending_translations VALUES (?, ?, ?, 0, 0, ?)",
        message.id,
        language,
        message.revision,
        retryAt,
      );
      this.#underWay.add(pairOf(message.id, language));
    }
    return added;
  }

  /** What is to be tried now, at most `limit`; its next time becomes `retryAt`. */
  take(now: number, limit: number, retryAt: number): Pending[] {
    const rows = this.#database.all<Row>(
      `SELECT message_id, revision, language, attempts, failures FROM pending_translations
       WHERE next_at <= ? ORDER BY next_at LIMIT ?`,
      now,
      limit,
    );
    const taken = rows.map((row) => ({
      messageId: row.message_id,
      revision: row.revision,
      language: row.language,
      attempts: row.attempts,
      failures: row.failures,
    }));
    for (const pending of taken) {
      this.postpone(pending, retryAt);
      this.#underWay.add(pairOf(pending.messageId, pending.language));
    }
    return taken;
  }

  find(messageId: string, language: string): Pending | undefined {
    const [row] = this.#database.all<Row>(
      "SELECT * FROM pending_translations WHERE message_id = ? AND language = ?",
      messageId,
      language,
    );
    return row && { ...row, messageId: row.message_id };
  }

  postpone(pending: Pending, nextAt: number): void {
    this.#nextAt = null;
    this.#underWay.delete(pairOf(pending.messageId, pending.language));
    this.#database.all(
      `UPDATE pending_translations SET attempts = ?, failures = ?, next_at = ?
       WHERE message_id = ? AND language = ? AND revision = ?`,
      pending.attempts,
      pending.failures,
      nextAt,
      pending.messageId,
      pending.language,
      pending.revision,
    );
  }

  /** The demand is met, or nobody can meet it. A newer revision's demand stays. */
  settle(messageId: string, revision: number, language: string): void {
    this.#nextAt = null;
    this.#underWay.delete(pairOf(messageId, language));
    this.#database.all(
      "DELETE FROM pending_translations WHERE message_id = ? AND language = ? AND revision <= ?",
      messageId,
      language,
      revision,
    );
  }

  /** Drops what is asked for of a message that was edited or deleted. */
  forget(messageId: string): void {
    this.#nextAt = null;
    for (const pair of this.#underWay) if (pair.startsWith(pairOf(messageId, ""))) this.#underWay.delete(pair);
    this.#database.all("DELETE FROM pending_translations WHERE message_id = ?", messageId);
  }

  /** Drops everything that is asked for. */
  clear(): void {
    this.#nextAt = undefined;
    this.#underWay.clear();
    this.#database.all("DELETE FROM pending_translations");
  }

  /** Whether a try that has begun is still to be made: false once its message was edited or deleted, or the demand dropped. */
  isUnderWay(messageId: string, language: string): boolean {
    return this.#underWay.has(pairOf(messageId, language));
  }

  /** Brings forward what waits only because the fleet did not answer: it just did. Tries under way go on. */
  hurry(now: number): void {
    this.#nextAt = null;
    this.#database.all(
      `UPDATE pending_translations SET next_at = ? WHERE attempts > 0 AND failures = 0 AND next_at > ?
       AND message_id || ' ' || language NOT IN (SELECT value FROM json_each(?))`,
      now,
      now,
      JSON.stringify([...this.#underWay]),
    );
  }

  /** When the next try is due, milliseconds since the epoch; undefined: nothing is asked for. */
  nextAt(): number | undefined {
    if (this.#nextAt === null) {
      const [row] = this.#database.all<{ next: number | null }>(
        "SELECT min(next_at) AS next FROM pending_translations",
      );
      this.#nextAt = row?.next ?? undefined;
    }
    return this.#nextAt;
  }
}
