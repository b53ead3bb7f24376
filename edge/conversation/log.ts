import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Translation } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { type Answered, AnsweredRequests, type RequestKey } from "./answered-requests.ts";
import type { LogPosition, Person } from "./contract.ts";
import type { Database } from "./database.ts";
import { EventTable, type LogEntry } from "./event-table.ts";
import { type EventInit, encodeEvent } from "./frames.ts";
import { limits } from "./limits.ts";
import { Messages, type NewMessage, type StoredMessage, toMessage } from "./messages.ts";
import { Pins } from "./pins.ts";
import { Reactions } from "./reactions.ts";
import { redact } from "./redact.ts";
import { migrate, readFact, writeFact } from "./schema.ts";
import { MessageWindow } from "./window.ts";

/** What an append made: its event, and the message as it stands from then on. */
export interface Appended {
  readonly entry: LogEntry;
  readonly message: StoredMessage;
}

/**
 * The ordered log of a conversation and what follows from it: messages as they stand, translations, answered requests.
 * An append is one transaction. The epoch names this log's life; offsets compare only within one epoch.
 */
export class ConversationLog {
  readonly reactions: Reactions;
  readonly pins: Pins;
  readonly window: MessageWindow;
  readonly epoch: string;
  readonly #events: EventTable;
  readonly #messages: Messages;
  readonly #requests: AnsweredRequests;
  readonly #database: Database;
  readonly #keep: number;
  #offset: number;
  #drained: number;
  /** New messages of this turn, which go to the tables together. */
  #unwritten: Appended[] = [];
  /** Why something of this turn could not be written. */
  #failure: unknown;

  /** Opens the log in `database`, or starts one under a new epoch; it keeps at least `keep` events and `keepMessages` messages. */
  constructor(database: Database, newEpoch: () => string, keep: number = limits.loggedEvents, keepMessages?: number) {
    migrate(database);
    this.#database = database;
    this.#events = new EventTable(database);
    this.#messages = new Messages(database);
    this.#requests = new AnsweredRequests(database);
    this.reactions = new Reactions(database);
    this.pins = new Pins(database);
    this.window = new MessageWindow(
      database,
      { messages: this.#messages, reactions: this.reactions, pins: this.pins },
      keepMessages,
    );
    this.epoch = readFact(database, "epoch") ?? newEpoch();
    writeFact(database, "epoch", this.epoch);
    this.#keep = keep;
    this.#offset = this.#events.last();
    this.#drained = Number(readFact(database, "drained") ?? 0);
  }

  /** The messages as they stand. */
  get messages(): Messages {
    this.flush();
    return this.#messages;
  }

  /** Up to `limit` messages created before an offset (0: the newest), oldest first. */
  page(before: number, limit: number): ReturnType<Messages["page"]> {
    this.flush();
    return this.window.page({ before, limit });
  }

  get position(): LogPosition {
    return { epoch: this.epoch, offset: this.#offset };
  }

  /** Everything up to this offset is in the system of record. */
  get drained(): number {
    return this.#drained;
  }

  markDrained(offset: number): void {
    if (offset <= this.#drained) return;
    writeFact(this.#database, "drained", String(offset));
    this.#drained = offset;
  }

  /** Events up to this offset are no longer in the log. */
  get trimmed(): number {
    return this.#events.trimmed;
  }

  /** Lets the oldest events and messages go that the system of record has, a tenth of what is kept at a time. */
  trim(): void {
    this.flush();
    this.window.release(this.#drained);
    const upTo = Math.min(this.#drained, this.#offset - this.#keep);
    if (upTo - this.trimmed < this.#keep / 10) return;
    this.#events.trim(upTo, () => this.#database.all("DELETE FROM requests WHERE log_offset <= ?", upTo));
  }

  /** Ends a turn: writes what it has appended. Throws when any of it could not be written; then nobody may hear of the turn. */
  endTurn(): void {
    try {
      this.flush();
      if (this.#failure !== undefined) throw this.#failure;
    } finally {
      this.#failure = undefined;
    }
  }

  /** Writes the new messages that wait. When it throws, none of them is in the log, and their offsets are free again. */
  flush(): void {
    this.#requests.forget();
    if (this.#unwritten.length === 0) return;
    const appended = this.#unwritten;
    this.#unwritten = [];
    try {
      this.#database.transaction(() => {
        this.#messages.insert(appended.map(({ message }) => message));
        this.#events.insert(appended.map(({ entry, message }) => ({ entry, messageId: message.id })));
      });
    } catch (error) {
      this.#offset = this.#events.last();
      this.#failure = error;
      throw error;
    }
  }

  /** What an author's earlier request with this id did; undefined when it is new. */
  answered(authorId: string, clientMessageId: string): Answered | undefined {
    const unwritten = this.#unwritten.find(
      ({ message }) => message.clientMessageId === clientMessageId && message.authorId === authorId,
    );
    if (unwritten !== undefined) return { messageId: unwritten.message.id, offset: unwritten.entry.offset };
    return this.#requests.find({ authorId, clientMessageId });
  }

  /** Looks up what many requests did in few queries; `answered` then knows, until the turn is written. */
  recall(requests: readonly RequestKey[]): void {
    this.#requests.recall(requests);
  }

  appendMessage(message: NewMessage): Appended {
    const offset = this.#offset + 1;
    const stored: StoredMessage = { ...message, offset, revision: 1, editedAt: 0, deletedAt: 0 };
    const frame = encodeEvent({ case: "messageReceive", value: toMessage(stored) }, offset);
    const appended = { entry: { offset, at: message.createdAt, language: "", frame }, message: stored };
    this.#unwritten.push(appended);
    this.#offset = offset;
    return appended;
  }

  /** A new revision of the message: what was known of it in other languages is forgotten. */
  appendEdit(
    message: StoredMessage,
    edit: { readonly text: string; readonly language: string; readonly clientMessageId: string },
    at: number,
  ): Appended {
    return this.#write(() => {
      const { text, language, clientMessageId } = edit;
      const revision = message.revision + 1;
      const edited: StoredMessage = { ...message, revision, text, language, editedAt: at };
      this.messages.update(edited);
      this.messages.forgetTranslations(message.id);
      const value = { messageId: message.id, revision, text, language, editedAt: timestampFromMs(at), clientMessageId };
      const entry = this.#append({ case: "messageEdit", value }, at, message.id, "", {
        authorId: message.authorId,
        clientMessageId,
      });
      return { entry, message: edited };
    });
  }

  /** Deletes for everybody: the text also leaves the events that are already in the log. */
  appendDelete(message: StoredMessage, request: { authorId: string; clientMessageId: string }, at: number): LogEntry {
    return this.#write(() => {
      this.messages.update({ ...message, text: "", deletedAt: at });
      this.messages.forgetTranslations(message.id);
      this.reactions.forget(message.id);
      this.pins.take(message.id);
      redact(this.#database, message);
      const { clientMessageId } = request;
      const value = { messageId: message.id, deletedAt: timestampFromMs(at), clientMessageId };
      return this.#append({ case: "messageDelete", value }, at, message.id, "", request);
    });
  }

  /** Puts an emoji on a message, or takes it away. */
  appendReaction(
    reaction: {
      readonly messageId: string;
      readonly userId: string;
      readonly emoji: string;
      readonly removed: boolean;
    },
    clientMessageId: string,
    at: number,
  ): LogEntry {
    return this.#write(() => {
      const { messageId, userId, emoji, removed } = reaction;
      if (removed) this.reactions.take(messageId, emoji, userId);
      else this.reactions.put(messageId, emoji, userId, this.#offset + 1);
      const value = { ...reaction, clientMessageId };
      return this.#append({ case: "messageReaction", value }, at, messageId, "", { authorId: userId, clientMessageId });
    });
  }

  /** Pins a message, or unpins it. */
  appendPin(
    message: StoredMessage,
    pin: { readonly userId: string; readonly removed: boolean; readonly clientMessageId: string },
    at: number,
  ): LogEntry {
    return this.#write(() => {
      const { id: messageId, offset: messageOffset } = message;
      const { userId, removed, clientMessageId } = pin;
      if (removed) this.pins.take(messageId);
      else this.pins.put(messageId, { userId, at, offset: this.#offset + 1 });
      const value = { messageId, ...pin, at: timestampFromMs(at), messageOffset };
      return this.#append({ case: "messagePin", value }, at, messageId, "", { authorId: userId, clientMessageId });
    });
  }

  /** Somebody joined, changed, or left. */
  appendMemberChange(member: Person, removed: boolean, at: number): LogEntry {
    this.flush();
    return this.#append({ case: "memberChange", value: { member: { ...member, online: false }, removed } }, at, "", "");
  }

  appendTitle(title: string, at: number): LogEntry {
    this.flush();
    return this.#append({ case: "titleChange", value: { title } }, at, "", "");
  }

  /** Translation was turned off, or on again. */
  appendTranslationChange(translates: boolean, at: number): LogEntry {
    this.flush();
    return this.#append({ case: "translationChange", value: { translates } }, at, "", "");
  }

  /** Logs a translation; undefined, and nothing happens, when its revision is no longer the message's or it was deleted. */
  appendTranslation(translation: Translation, at: number): LogEntry | undefined {
    return this.#write(() => {
      if (this.#isStale(translation)) return undefined;
      this.messages.keepTranslation(translation, this.#offset + 1);
      const { messageId, language } = translation;
      return this.#append({ case: "messageTranslation", value: translation }, at, messageId, language);
    });
  }

  /** Notes that a message needs no translation into a language, so that nobody asks again. Makes no event. */
  settleTranslation(translation: Translation): void {
    if (!this.#isStale(translation)) this.messages.keepTranslation(translation, 0);
  }

  /** Notes the language that a revision was found to be written in, when its author declared none. */
  learnLanguage(messageId: string, revision: number, language: string): void {
    const message = this.messages.find(messageId);
    if (message?.revision !== revision || message.deletedAt > 0 || message.language !== "") return;
    this.messages.update({ ...message, language });
  }

  /** The oldest `limit` events after an offset, of all languages. */
  since(offset: number, limit: number): LogEntry[] {
    this.flush();
    return this.#events.since(offset, limit);
  }

  /** The messages that were written or edited after an offset, as they stand; undefined when one of them has left the room. */
  changedSince(offset: number): StoredMessage[] | undefined {
    this.flush();
    const ids = this.#events.changedSince(offset);
    const messages = ids.flatMap((id) => this.#messages.find(id) ?? []);
    return messages.length === ids.length ? messages : undefined;
  }

  #isStale(translation: Translation): boolean {
    const message = this.messages.find(translation.messageId);
    return message === undefined || message.deletedAt > 0 || message.revision !== translation.revision;
  }

  #append(event: EventInit, at: number, messageId: string, language: string, request?: RequestKey): LogEntry {
    const offset = this.#offset + 1;
    const entry = { offset, at, language, frame: encodeEvent(event, offset) };
    this.#events.insert([{ entry, messageId }]);
    if (request !== undefined) this.#requests.note(request, { messageId, offset });
    this.#offset = offset;
    return entry;
  }

  /** One transaction of its own, after what was appended before it. */
  #write<T>(work: () => T): T {
    this.flush();
    return this.#database.transaction(work);
  }
}
