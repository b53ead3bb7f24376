import type { Archive, RecordedConversation, RecordedMessage, RecordedSend, RecordedTranslation } from "../archive.ts";
import type { LogBatch, LogWrite, Person, ReadPosition } from "../contract.ts";
import type { LogSink } from "../outbox.ts";

interface Kept extends Omit<RecordedMessage, "translations" | "reactions" | "pinnedBy" | "pinnedAt" | "pinnedOffset"> {
  readonly translations: ReadonlyMap<string, RecordedTranslation & { readonly revision: number }>;
  readonly reactions: ReadonlyMap<string, { emoji: string; userId: string; offset: number; removed: boolean }>;
  /** The last word on it. */
  readonly pin: Write<"pin"> | undefined;
}

type Write<Kind extends LogWrite["kind"]> = Extract<LogWrite, { kind: Kind }>;

/** What PostgreSQL makes of one conversation's log, in memory; edge/store/archive.test.ts holds both to the same. */
export class RecordInMemory implements Archive, LogSink {
  /** Offsets in the order of their first arrival. */
  readonly arrivals: number[] = [];
  people: readonly Person[] = [];
  readonly title: string;
  translates = true;
  readonly #messages = new Map<string, Kept>();
  readonly #reads = new Map<string, number>();
  readonly #seen = new Set<number>();
  #epoch = "";
  #offset = 0;

  constructor(title = "A title") {
    this.title = title;
  }

  /** Everything, oldest first. */
  get messages(): RecordedMessage[] {
    return [...this.#messages.values()].toSorted((one, other) => one.offset - other.offset).map(toRecorded);
  }

  /** Offset up to which the log has been written. */
  get offset(): number {
    return this.#offset;
  }

  async append({ epoch, writes, reads = [] }: LogBatch): Promise<void> {
    if (this.#epoch !== "" && this.#epoch !== epoch) throw new Error(`This log was replaced by ${this.#epoch}`);
    this.#epoch = epoch;
    for (const write of writes) {
      if (!this.#seen.has(write.offset)) this.arrivals.push(write.offset);
      this.#seen.add(write.offset);
      this.#offset = Math.max(this.#offset, write.offset);
      if (write.kind === "message") this.#insert(write);
      else this.#change(write);
    }
    for (const { userId, offset } of reads) {
      this.#reads.set(userId, Math.max(this.#reads.get(userId) ?? 0, offset));
    }
  }

  async page(_: string, before: number | undefined, limit: number): Promise<RecordedMessage[]> {
    return this.messages.filter(({ offset }) => offset < (before ?? Number.POSITIVE_INFINITY)).slice(-limit);
  }

  async find(_: string, messageIds: readonly string[]): Promise<RecordedMessage[]> {
    return this.messages.filter(({ id }) => messageIds.includes(id));
  }

  async pinned(): Promise<RecordedMessage[]> {
    return this.messages.filter(({ pinnedBy }) => pinnedBy !== undefined);
  }

  async sends(_: string, before: number, limit: number): Promise<RecordedSend[]> {
    const older = this.messages.filter(({ offset }) => offset < before).toReversed();
    return older.slice(0, limit).map(({ id: messageId, ...message }) => ({ ...message, messageId }));
  }

  async members(): Promise<readonly Person[]> {
    return this.people;
  }

  async reads(): Promise<readonly ReadPosition[]> {
    return this.people.map(({ userId }) => ({ userId, offset: this.#reads.get(userId) ?? 0 }));
  }

  async takeOver(_: string, epoch: string): Promise<RecordedConversation> {
    this.#epoch = epoch;
    return { offset: this.#offset, title: this.title, translates: this.translates };
  }

  #insert({
    messageId: id,
    offset,
    authorId,
    clientMessageId,
    text,
    language,
    replyTo,
    createdAt,
  }: Write<"message">): void {
    const isTwin = (other: Kept) => other.authorId === authorId && other.clientMessageId === clientMessageId;
    if (this.#messages.has(id) || [...this.#messages.values()].some(isTwin)) return;
    this.#messages.set(id, {
      id,
      offset,
      authorId,
      clientMessageId,
      revision: 1,
      text,
      language,
      replyTo: replyTo === "" ? undefined : replyTo,
      createdAt: new Date(createdAt),
      editedAt: undefined,
      deletedAt: undefined,
      translations: new Map(),
      reactions: new Map(),
      pin: undefined,
    });
  }

  #change(write: Exclude<LogWrite, { kind: "message" }>): void {
    const message = this.#messages.get(write.messageId);
    if (message === undefined || message.deletedAt !== undefined) return;
    this.#messages.set(message.id, { ...message, ...changed(message, write) });
  }
}

function changed(message: Kept, write: Exclude<LogWrite, { kind: "message" }>): Partial<Kept> {
  switch (write.kind) {
    case "edit": {
      const { revision, text, language, editedAt } = write;
      return revision > message.revision ? { revision, text, language, editedAt: new Date(editedAt) } : {};
    }
    case "delete":
      return {
        text: "",
        deletedAt: new Date(write.deletedAt),
        translations: new Map(),
        reactions: new Map(),
        pin: undefined,
      };
    case "reaction": {
      const key = `${write.emoji} ${write.userId}`;
      const isOld = (message.reactions.get(key)?.offset ?? 0) >= write.offset;
      return isOld ? {} : { reactions: new Map([...message.reactions, [key, write]]) };
    }
    case "pin":
      return (message.pin?.offset ?? 0) >= write.offset ? {} : { pin: write };
    case "translation": {
      const isOld = (message.translations.get(write.language)?.revision ?? 0) > write.revision;
      return isOld ? {} : { translations: new Map([...message.translations, [write.language, write]]) };
    }
  }
}

const toRecorded = ({ translations, reactions, pin, ...message }: Kept): RecordedMessage => ({
  ...message,
  translations: [...translations.values()]
    .filter(({ revision }) => revision === message.revision)
    .map((translation) => ({
      language: translation.language,
      text: translation.text,
      status: translation.status,
      reason: translation.reason,
      sourceLanguage: translation.sourceLanguage,
      engine: translation.engine,
      model: translation.model,
      modelVersion: translation.modelVersion,
      confidence: translation.confidence,
    })),
  reactions: [...reactions.values()]
    .filter(({ removed }) => !removed)
    .toSorted((one, other) => one.offset - other.offset)
    .map(({ emoji, userId, offset }) => ({ emoji, userId, offset })),
  ...pinned(pin),
});

const pinned = (pin: Kept["pin"]) =>
  pin === undefined || pin.removed
    ? { pinnedBy: undefined, pinnedAt: undefined, pinnedOffset: undefined }
    : { pinnedBy: pin.userId, pinnedAt: new Date(pin.at), pinnedOffset: pin.offset };
