/// <reference lib="es2024.promise" />
import { TranslationStatusSchema } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { backOff } from "./back-off.ts";
import type { LogBatch, LogWrite } from "./contract.ts";
import { decodeServerFrame } from "./frames.ts";
import type { ConversationLog, LogEntry } from "./log.ts";

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
const retry = { firstMs: 500, mostMs: 30_000 };

/**
 * Carries the log to the system of record, in order. The log itself is the queue: the drained position moves only after
 * a batch is in, so an interruption at any point repeats work and loses none.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  #dueAt: number | undefined;
  #attempts = 0;
  #draining: Promise<void> | undefined;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.notice();
  }

  /** When to call `drain`, milliseconds since the epoch; undefined: everything is in. */
  get dueAt(): number | undefined {
    return this.#dueAt;
  }

  /** To be called after every append. */
  notice(): void {
    if (this.#isEmpty()) this.#dueAt = undefined;
    else this.#dueAt ??= this.#parts.now() + Math.round(gatherMs * (1 + this.#parts.random()));
  }

  /** Writes all that waits; on failure sets the time of the next attempt. Never rejects. */
  drain(): Promise<void> {
    this.#draining ??= this.#run().finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  async #run(): Promise<void> {
    const { log, sink, conversationId, now, random, observe } = this.#parts;
    try {
      while (!this.#isEmpty()) {
        const entries = log.since(log.drained, batchEvents);
        const last = entries.at(-1);
        const id = conversationId();
        if (last === undefined || id === undefined) break;
        const writes = entries.flatMap(toWrite);
        await within(appendMs, sink.append({ conversationId: id, epoch: log.epoch, writes }));
        log.markDrained(last.offset);
        log.trim();
        observe.drained(entries.map(({ at }) => now() - at));
      }
      this.#attempts = 0;
      this.#dueAt = undefined;
      this.notice();
    } catch (error) {
      this.#attempts += 1;
      this.#dueAt = now() + backOff(this.#attempts, retry, random);
      observe.failed(error);
    }
  }

  #isEmpty(): boolean {
    return this.#parts.log.drained >= this.#parts.log.position.offset;
  }
}

export interface OutboxParts {
  readonly log: ConversationLog;
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

/** Rejects when the work takes longer: a database that never answers must not hold up the outbox for good. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`The system of record took more than ${ms} ms.`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
