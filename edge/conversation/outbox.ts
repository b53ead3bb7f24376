import { TranslationStatusSchema } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { backOff } from "./back-off.ts";
import type { LogBatch, LogWrite } from "./contract.ts";
import type { LogEntry } from "./event-table.ts";
import { decodeServerFrame } from "./frames.ts";
import type { ConversationLog } from "./log.ts";
import type { ReadPositions } from "./read-positions.ts";
import { within } from "./within.ts";

/** The system of record, as far as the outbox needs it. Appending a batch again changes nothing. */
export interface LogSink {
  append(batch: LogBatch): Promise<void>;
}

/** Events in one batch. */
const batchEvents = 200;
/**
 * Milliseconds between the first waiting event and its batch, what is written meanwhile goes along. Up to twice as long by chance, so that
 * rooms which woke together do not write together for ever.
 */
const gatherMs = 700;
/** Milliseconds that one batch may take; then it counts as failed and is written again. */
const appendMs = 15_000;
/**
 * Milliseconds that word of how far people have read may wait for events to go along with. Less haste than with these: it is
 * wanted when the room's storage is lost, and then a few messages count as unread that were not.
 */
const readsGatherMs = 10_000;
const retry = { firstMs: 500, mostMs: 30_000 };

/**
 * Carries the log to the system of record, in order, and with it how far people have read. The log itself is the queue: the
 * drained position moves only after a batch is in, so an interruption at any point repeats work and loses none.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  #logDueAt: number | undefined;
  #readsDueAt: number | undefined;
  /** While the record is away: when everything is tried again. */
  #retryAt: number | undefined;
  #attempts = 0;
  #draining: Promise<void> | undefined;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    // A room that lost its memory no longer knows since when they wait, and loses it again before long: they have waited enough.
    if (parts.readPositions.isUnwritten) this.#readsDueAt = this.#after(gatherMs);
    this.notice();
  }

  /** When to call `drain`, milliseconds since the epoch; undefined: everything is in. */
  get dueAt(): number | undefined {
    if (this.#retryAt !== undefined) return this.#retryAt;
    const due = [this.#logDueAt, this.#readsDueAt].filter((at) => at !== undefined);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** To be called after every append. */
  notice(): void {
    if (this.#isEmpty()) this.#logDueAt = undefined;
    else this.#logDueAt ??= this.#after(gatherMs);
    if (!this.#parts.readPositions.isUnwritten) this.#readsDueAt = undefined;
    else this.#readsDueAt ??= this.#after(readsGatherMs);
  }

  /** A time from now, up to twice as far by chance. */
  #after(milliseconds: number): number {
    return this.#parts.now() + Math.round(milliseconds * (1 + this.#parts.random()));
  }

  /** Writes all that waits; on failure sets the time of the next attempt. Never rejects. */
  drain(): Promise<void> {
    this.#draining ??= this.#run().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #run(): Promise<void> {
    const { log, readPositions, sink, conversationId, now, random, observe } = this.#parts;
    try {
      while (!this.#isEmpty() || readPositions.isUnwritten) {
        const entries = log.since(log.drained, batchEvents);
        const id = conversationId();
        if (id === undefined) break;
        const writes = entries.flatMap(toWrite);
        const reads = readPositions.unwritten();
        await within(appendMs, sink.append({ conversationId: id, epoch: log.epoch, writes, reads }));
        log.markDrained(entries.at(-1)?.offset ?? 0);
        readPositions.markWritten(reads);
        log.trim();
        observe.drained(entries.map(({ at }) => now() - at));
      }
      this.#attempts = 0;
      this.#retryAt = undefined;
      this.#logDueAt = undefined;
      this.#readsDueAt = undefined;
      this.notice();
    } catch (error) {
      this.#attempts += 1;
      this.#retryAt = now() + backOff(this.#attempts, retry, random);
      observe.failed(error);
    }
  }

  #isEmpty(): boolean {
    return this.#parts.log.drained >= this.#parts.log.position.offset;
  }
}

export interface OutboxParts {
  readonly log: ConversationLog;
  readonly readPositions: Pick<ReadPositions, "isUnwritten" | "unwritten" | "markWritten">;
  readonly sink: LogSink;
  /** Undefined until the room has been told its name. */
  readonly conversationId: () => string | undefined;
  readonly now: () => number;
  readonly random: () => number;
  readonly observe: {
    /** Milliseconds that each event waited. */
    drained(lagsMs: readonly number[]): void;
    failed(error: unknown): void;
  };
}

/** The rows that a logged event becomes. */
export function toWrite({ frame, at, offset }: LogEntry): LogWrite[] {
  return decodeServerFrame(frame).flatMap(({ event }): LogWrite[] => {
    switch (event.case) {
      case "messageReceive": {
        const { id, authorId, clientMessageId, text, language, replyTo } = event.value;
        const write = { offset, messageId: id, authorId, clientMessageId, text, language, replyTo, createdAt: at };
        return [{ kind: "message", ...write }];
      }
      case "messageEdit": {
        const { messageId, revision, text, language } = event.value;
        return [{ kind: "edit", offset, messageId, revision, text, language, editedAt: at }];
      }
      case "messageReaction": {
        const { messageId, userId, emoji, removed } = event.value;
        return [{ kind: "reaction", offset, messageId, userId, emoji, removed, at }];
      }
      case "messagePin": {
        const { messageId, userId, removed } = event.value;
        return [{ kind: "pin", offset, messageId, userId, removed, at }];
      }
      case "messageDelete":
        return [{ kind: "delete", offset, messageId: event.value.messageId, deletedAt: at }];
      case "messageTranslation": {
        const { messageId, revision, language, text, status, reason, provenance } = event.value;
        return [
          {
            kind: "translation",
            offset,
            messageId,
            revision,
            language,
            text,
            status: TranslationStatusSchema.value[status]?.localName.toLowerCase() ?? "unspecified",
            reason,
            sourceLanguage: provenance?.sourceLanguage ?? "",
            engine: provenance?.engine ?? "",
            model: provenance?.model ?? "",
            modelVersion: provenance?.modelVersion ?? "",
            confidence: provenance?.confidence ?? 0,
            createdAt: at,
          },
        ];
      }
      default:
        return [];
    }
  });
}
