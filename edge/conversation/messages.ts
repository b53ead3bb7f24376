import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Message,
  MessageSchema,
  type Translation,
  TranslationSchema,
} from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { type Database, insertAll } from "./database.ts";
import type { Pin, Pins } from "./pins.ts";
import type { Reactions } from "./reactions.ts";

/** A message as it stands now. Times are milliseconds since the epoch, 0: never. */
export interface StoredMessage {
  readonly id: string;
  /** Offset of the event that created it. */
  readonly offset: number;
  readonly authorId: string;
  readonly clientMessageId: string;
  /** From 1; an edit adds one. */
  readonly revision: number;
  /** Empty once deleted. */
  readonly text: string;
  /** BCP 47 code; empty: not known yet. */
  readonly language: string;
  readonly replyTo: string;
  readonly createdAt: number;
  readonly editedAt: number;
  readonly deletedAt: number;
}

/** A new message; everything is checked already. */
export type NewMessage = Pick<
  StoredMessage,
  "id" | "authorId" | "clientMessageId" | "text" | "language" | "replyTo" | "createdAt"
>;

type Row = {
  log_offset: number;
  id: string;
  author_id: string;
  client_message_id: string;
  revision: number;
  text: string;
  language: string;
  reply_to: string;
  created_at: number;
  edited_at: number;
  deleted_at: number;
};

/** The messages of a room as they stand now, and what is known of them in each language. The log alone changes them. */
export class Messages {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(id: string): StoredMessage | undefined {
    const [row] = this.#database.all<Row>("SELECT * FROM messages WHERE id = ?", id);
    return row && fromRow(row);
  }

  /** Up to `limit` messages that are here and were created before an offset (0: the newest) and after another, oldest first. */
  page(before: number, limit: number, after = 0): { readonly messages: StoredMessage[]; readonly hasMore: boolean } {
    const rows = this.#database.all<Row>(
      "SELECT * FROM messages WHERE log_offset < ? AND log_offset > ? ORDER BY log_offset DESC LIMIT ?",
      before > 0 ? before : Number.MAX_SAFE_INTEGER,
      after,
      limit + 1,
    );
    const messages = rows.slice(0, limit).map(fromRow).reverse();
    return { messages, hasMore: rows.length > limit };
  }

  /** The pinned ones that were created before an offset, oldest first. */
  pinnedBefore(offset: number): StoredMessage[] {
    const rows = this.#database.all<Row>(
      `SELECT messages.* FROM pins JOIN messages ON messages.id = pins.message_id
       WHERE messages.log_offset < ? ORDER BY messages.log_offset`,
      offset,
    );
    return rows.map(fromRow);
  }

  /** The newest that was not deleted. */
  latest(): StoredMessage | undefined {
    const [row] = this.#database.all<Row>(
      "SELECT * FROM messages WHERE deleted_at = 0 ORDER BY log_offset DESC LIMIT 1",
    );
    return row && fromRow(row);
  }

  /** Messages by others than `userId` after an offset that were not deleted, counted up to `most`. */
  countAfter(offset: number, userId: string, most: number): number {
    const [row] = this.#database.all<{ count: number }>(
      `SELECT count(*) AS count FROM (
        SELECT 1 FROM messages WHERE log_offset > ? AND author_id <> ? AND deleted_at = 0 LIMIT ?)`,
      offset,
      userId,
      most,
    );
    return row?.count ?? 0;
  }

  insert(messages: readonly StoredMessage[]): void {
    const rows = messages.map((message) => [
      message.offset,
      message.id,
      message.authorId,
      message.clientMessageId,
      message.revision,
      message.text,
      message.language,
      message.replyTo,
      message.createdAt,
      message.editedAt,
      message.deletedAt,
    ]);
    insertAll(this.#database, "messages", rows);
  }

  update(message: StoredMessage): void {
    this.#database.all(
      "UPDATE messages SET revision = ?, text = ?, language = ?, edited_at = ?, deleted_at = ? WHERE id = ?",
      message.revision,
      message.text,
      message.language,
      message.editedAt,
      message.deletedAt,
      message.id,
    );
  }

  /** The translation of a message's current revision, whatever its status; undefined when nothing is known. */
  translation(message: StoredMessage, language: string): Translation | undefined {
    const [row] = this.#database.all<{ body: ArrayBuffer }>(
      "SELECT body FROM translations WHERE message_id = ? AND language = ? AND revision = ?",
      message.id,
      language,
      message.revision,
    );
    return row && fromBinary(TranslationSchema, new Uint8Array(row.body));
  }

  /** Keeps a translation; `offset` 0 when it is settled without an event. */
  keepTranslation(translation: Translation, offset: number): void {
    this.#database.all(
      "INSERT OR REPLACE INTO translations VALUES (?, ?, ?, ?, ?)",
      translation.messageId,
      translation.language,
      translation.revision,
      offset,
      toBinary(TranslationSchema, translation),
    );
  }

  forgetTranslations(messageId: string): void {
    this.#database.all("DELETE FROM translations WHERE message_id = ?", messageId);
  }
}

/** The message as a reader of `language` sees it in a sync or a page of history. */
export function messageFor(
  reader: { readonly language: string },
  message: StoredMessage,
  known: { readonly messages: Messages; readonly reactions: Reactions; readonly pins: Pins },
): Message {
  const translation = known.messages.translation(message, reader.language);
  return toMessage(message, {
    translations: translation !== undefined && isShown(translation) ? [translation] : [],
    reactions: known.reactions.of(message.id),
    pin: known.pins.of(message.id),
  });
}

/** The message as it goes over the wire, with what is known of it apart from itself. */
export function toMessage(
  message: StoredMessage,
  {
    pin,
    ...known
  }: {
    readonly translations?: Translation[];
    readonly reactions?: ReturnType<Reactions["of"]>;
    readonly pin?: Pin | undefined;
  } = {},
): Message {
  return create(MessageSchema, {
    id: message.id,
    offset: message.offset,
    authorId: message.authorId,
    clientMessageId: message.clientMessageId,
    revision: message.revision,
    text: message.text,
    language: message.language,
    replyTo: message.replyTo,
    createdAt: timestampFromMs(message.createdAt),
    ...(message.editedAt > 0 ? { editedAt: timestampFromMs(message.editedAt) } : {}),
    ...(message.deletedAt > 0 ? { deletedAt: timestampFromMs(message.deletedAt) } : {}),
    ...(pin && { pinnedBy: pin.userId, pinnedAt: timestampFromMs(pin.at) }),
    ...known,
  });
}

/** False for what only says that there is nothing to translate. */
const isShown = ({ status }: Translation): boolean =>
  status !== TranslationStatus.SAME_LANGUAGE && status !== TranslationStatus.NOTHING_TO_TRANSLATE;

const fromRow = (row: Row): StoredMessage => ({
  id: row.id,
  offset: row.log_offset,
  authorId: row.author_id,
  clientMessageId: row.client_message_id,
  revision: row.revision,
  text: row.text,
  language: row.language,
  replyTo: row.reply_to,
  createdAt: row.created_at,
  editedAt: row.edited_at,
  deletedAt: row.deleted_at,
});
