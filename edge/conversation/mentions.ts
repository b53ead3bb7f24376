import { type Mentionable, mentionsIn } from "../../proto/mentions.ts";
import type { Database } from "./database.ts";
import type { StoredMessage } from "./messages.ts";

/** Whom each message mentions: those who had the name when it was written, or last edited. */
export class Mentions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Notes whom a message, as it stands, mentions among these people. */
  note(
    { id, offset, revision, text }: Pick<StoredMessage, "id" | "offset" | "revision" | "text">,
    people: () => readonly Mentionable[],
  ): void {
    if (revision > 1) this.#database.all("DELETE FROM mentions WHERE log_offset = ?", offset);
    if (!text.includes("@")) return;
    const mentioned = new Set(mentionsIn(text, people()).flatMap(({ userIds }) => userIds));
    for (const userId of mentioned) {
      this.#database.all("INSERT OR REPLACE INTO mentions VALUES (?, ?, ?)", offset, userId, id);
    }
  }

  /** Messages by others after an offset that mention this person and were not deleted, counted up to `most`. */
  countAfter(offset: number, userId: string, most: number): number {
    // By id too: a message whose turn failed has left its offset to another one.
    const [row] = this.#database.all<{ count: number }>(
      `SELECT count(*) AS count FROM (
        SELECT 1 FROM mentions JOIN messages ON messages.log_offset = mentions.log_offset AND id = message_id
        WHERE user_id = ?1 AND mentions.log_offset > ?2 AND author_id <> ?1 AND deleted_at = 0 LIMIT ?3)`,
      userId,
      offset,
      most,
    );
    return row?.count ?? 0;
  }
}
