import { create } from "@bufbuild/protobuf";
import { type Translation, TranslationSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { TranslationStatusSchema } from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { RecordedMessage, RecordedSend, RecordedTranslation } from "./archive.ts";
import { type Database, insertAll } from "./database.ts";
import { limits } from "./limits.ts";
import type { Messages, StoredMessage } from "./messages.ts";
import type { Pins } from "./pins.ts";
import type { Reactions } from "./reactions.ts";
import { readFact, writeFact } from "./schema.ts";

/** What lies before the messages that are here, as far as a page reaches. */
export interface Gap {
  readonly before: number;
  readonly limit: number;
}

/** What must not leave: a change of it is not yet in the system of record, a translation of it is on its way, or it is pinned. */
const isFree = `id NOT IN (SELECT message_id FROM log WHERE log_offset > ?)
  AND id NOT IN (SELECT message_id FROM pins)
  AND id NOT IN (SELECT message_id FROM pending_translations)`;

/**
 * Which messages the room holds: the newest, without a gap, and guests: older ones that are pinned, or were fetched
 * back because somebody reads or changes them. Everything else is in the system of record alone, except for the ids of sends.
 */
export class MessageWindow {
  readonly #database: Database;
  readonly #messages: Messages;
  readonly #reactions: Reactions;
  readonly #pins: Pins;
  readonly #keep: number;
  #released: number;
  #readings = 0;

  constructor(
    database: Database,
    known: { readonly messages: Messages; readonly reactions: Reactions; readonly pins: Pins },
    keep: number = limits.keptMessages,
  ) {
    this.#database = database;
    this.#messages = known.messages;
    this.#reactions = known.reactions;
    this.#pins = known.pins;
    this.#keep = keep;
    this.#released = Number(readFact(database, "released") ?? 0);
  }

  /** Messages up to this offset are guests, if they are here at all; 0: every message is here. */
  get released(): number {
    return this.#released;
  }

  /** Those of the messages that are not here and may be in the system of record. */
  missing(ids: readonly string[]): string[] {
    if (this.#released === 0) return [];
    return ids.filter((id) => id !== "" && this.#messages.find(id) === undefined);
  }

  /** Up to `limit` messages created before an offset, which `gap` says nothing lacks of, or (0) the newest; oldest first. */
  page({ before, limit }: Gap): ReturnType<Messages["page"]> {
    if (before > 0) return this.#messages.page(before, limit);
    const page = this.#messages.page(before, limit, this.#released);
    return { ...page, hasMore: page.hasMore || this.#released > 0 };
  }

  /** What has to be fetched for a page of messages before an offset; undefined: everything is here. */
  gap({ before, limit }: Gap): Gap | undefined {
    if (this.#released === 0) return undefined;
    const { length } = this.#messages.page(before, limit, this.#released).messages;
    // One more than the page holds, to know whether it is the last.
    return length < limit ? { before: Math.min(before, this.#released + 1), limit: limit - length + 1 } : undefined;
  }

  /** Reads from the system of record. Nothing leaves the room meanwhile, so that what is not here cannot change. */
  async reading<T>(read: () => Promise<T>): Promise<T> {
    this.#readings += 1;
    try {
      return await read();
    } finally {
      this.#readings -= 1;
    }
  }

  /** Takes in guests until the next release. Of what is here already, the room knows better. */
  adopt(recorded: readonly RecordedMessage[]): void {
    const news = recorded.filter(({ id }) => this.#messages.find(id) === undefined);
    if (news.length === 0) return;
    this.#database.transaction(() => {
      this.#messages.insert(news.map(toStored));
      for (const message of news) {
        for (const translation of message.translations) {
          this.#messages.keepTranslation(toTranslation(message, translation), 0);
        }
        for (const { emoji, userId, offset } of message.reactions) {
          this.#reactions.put(message.id, emoji, userId, offset);
        }
        const { pinnedBy: userId, pinnedAt: at, pinnedOffset: offset = 0 } = message;
        if (userId !== undefined && at) this.#pins.put(message.id, { userId, at: at.getTime(), offset });
      }
    });
  }

  /**
   * Lets go what is older than the newest messages, a tenth of the window at a time, and every guest that may.
   *
   * @param drained offset up to which the system of record has the log
   */
  release(drained: number): void {
    if (this.#readings > 0) return;
    const upTo = this.#lastToLeave(drained);
    const leaving = `log_offset <= ? AND ${isFree}`;
    if (this.#database.all(`SELECT 1 FROM messages WHERE ${leaving} LIMIT 1`, upTo, drained).length === 0) return;
    this.#database.transaction(() => {
      for (const table of ["translations", "reactions"]) {
        const ids = `SELECT id FROM messages WHERE ${leaving}`;
        this.#database.all(`DELETE FROM ${table} WHERE message_id IN (${ids})`, upTo, drained);
      }
      this.#database.all(
        `INSERT OR IGNORE INTO sends
         SELECT client_message_id, author_id, id, log_offset FROM messages WHERE ${leaving}`,
        upTo,
        drained,
      );
      this.#database.all(`DELETE FROM messages WHERE ${leaving}`, upTo, drained);
      if (upTo > this.#released) writeFact(this.#database, "released", String(upTo));
    });
    this.#released = upTo;
  }

  /** Keeps which sends made which messages, of messages that are in the system of record alone. */
  rememberSends(sends: readonly RecordedSend[]): void {
    const rows = sends.map((send) => [send.clientMessageId, send.authorId, send.messageId, send.offset]);
    this.#database.transaction(() => insertAll(this.#database, "sends", rows));
  }

  /** Offset of the last message that may go now. */
  #lastToLeave(drained: number): number {
    const at = (place: number) =>
      this.#database.all<{ log_offset: number }>(
        "SELECT log_offset FROM messages WHERE log_offset > ? ORDER BY log_offset DESC LIMIT 1 OFFSET ?",
        this.#released,
        place,
      )[0]?.log_offset ?? 0;
    if (at(Math.ceil(this.#keep * 1.1)) === 0) return this.#released;
    return Math.max(this.#released, Math.min(at(this.#keep), drained));
  }
}

const toStored = (message: RecordedMessage): StoredMessage => ({
  id: message.id,
  offset: message.offset,
  authorId: message.authorId,
  clientMessageId: message.clientMessageId,
  revision: message.revision,
  text: message.text,
  // What the room learned of the language it did not write down there, but the translations tell.
  language: message.language || (message.translations[0]?.sourceLanguage ?? ""),
  replyTo: message.replyTo ?? "",
  createdAt: message.createdAt.getTime(),
  editedAt: message.editedAt?.getTime() ?? 0,
  deletedAt: message.deletedAt?.getTime() ?? 0,
});

function toTranslation(message: RecordedMessage, translation: RecordedTranslation): Translation {
  const { language, text, status, reason, ...provenance } = translation;
  const { number = 0 } =
    TranslationStatusSchema.values.find(({ localName }) => localName.toLowerCase() === status) ?? {};
  return create(TranslationSchema, {
    messageId: message.id,
    revision: message.revision,
    language,
    text,
    status: number,
    reason,
    provenance,
  });
}
