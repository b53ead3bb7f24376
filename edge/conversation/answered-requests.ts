import type { Database } from "./database.ts";

/** What an earlier request did. */
export interface Answered {
  readonly messageId: string;
  readonly offset: number;
}

/** Names a request: an author's client message ids are their own. */
export interface RequestKey {
  readonly authorId: string;
  readonly clientMessageId: string;
}

const keyOf = ({ authorId, clientMessageId }: RequestKey): string => `${authorId} ${clientMessageId}`;

/** Requests that are looked up in one query. */
const atOnce = 8;

/** Which request became what, so that one that is repeated changes nothing. Sends are known by their messages, or what is kept of them. */
export class AnsweredRequests {
  readonly #database: Database;
  /** What was looked up together, until `forget`. */
  readonly #recalled = new Map<string, Answered | undefined>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Undefined when it is new. */
  find(request: RequestKey): Answered | undefined {
    const key = keyOf(request);
    if (this.#recalled.has(key)) return this.#recalled.get(key);
    const [row] = this.#database.all<{ message_id: string; log_offset: number }>(
      `SELECT message_id, log_offset FROM requests WHERE author_id = ?1 AND client_message_id = ?2
       UNION ALL SELECT id, log_offset FROM messages WHERE author_id = ?1 AND client_message_id = ?2
       UNION ALL SELECT message_id, log_offset FROM sends WHERE author_id = ?1 AND client_message_id = ?2 LIMIT 1`,
      request.authorId,
      request.clientMessageId,
    );
    return row && { messageId: row.message_id, offset: row.log_offset };
  }

  /** Looks up many in few queries; `find` then knows, until what is known may have changed. */
  recall(requests: readonly RequestKey[]): void {
    for (let at = 0; at < requests.length; at += atOnce) {
      const some = requests.slice(at, at + atOnce);
      // Few lengths, so that SQLite compiles few statements; a request asked for twice changes nothing.
      while (some.length < atOnce && some[0] !== undefined) some.push(some[0]);
      const values = some.map((_, index) => `(?${2 * index + 1}, ?${2 * index + 2})`).join(", ");
      const rows = this.#database.all<{ author_id: string; client_message_id: string; id: string; log_offset: number }>(
        `SELECT author_id, client_message_id, message_id AS id, log_offset FROM requests
           WHERE (client_message_id, author_id) IN (VALUES ${values})
         UNION ALL SELECT author_id, client_message_id, id, log_offset FROM messages
           WHERE (client_message_id, author_id) IN (VALUES ${values})
         UNION ALL SELECT author_id, client_message_id, message_id, log_offset FROM sends
           WHERE (client_message_id, author_id) IN (VALUES ${values})`,
        ...some.flatMap(({ clientMessageId, authorId }) => [clientMessageId, authorId]),
      );
      for (const request of some) this.#recalled.set(keyOf(request), undefined);
      for (const { author_id: authorId, client_message_id: clientMessageId, id, log_offset: offset } of rows) {
        this.#recalled.set(keyOf({ authorId, clientMessageId }), { messageId: id, offset });
      }
    }
  }

  /** Keeps what a request that is no send became. */
  note(request: RequestKey, { messageId, offset }: Answered): void {
    this.#recalled.delete(keyOf(request));
    const { authorId, clientMessageId } = request;
    this.#database.all("INSERT INTO requests VALUES (?, ?, ?, ?)", authorId, clientMessageId, messageId, offset);
  }

  /** What was recalled may no longer be so. */
  forget(): void {
    this.#recalled.clear();
  }
}
