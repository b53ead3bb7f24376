import { create } from "@bufbuild/protobuf";
import { type Translation, TranslationSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { type TranslationResult, TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { forEachAtOnce } from "../concurrency.ts";
import { backOff } from "./back-off.ts";
import type { Database } from "./database.ts";
import { Demand, type Pending } from "./demand.ts";
import type { LogEntry } from "./event-table.ts";
import type { ConversationLog } from "./log.ts";
import type { StoredMessage } from "./messages.ts";

/** One message to translate, into every language in which it is wanted. */
export interface Question {
  readonly text: string;
  /** BCP 47 code; empty: to be detected. */
  readonly sourceLanguage: string;
  readonly targetLanguages: readonly string[];
  /** Languages that the author is known to write. */
  readonly languageHints: readonly string[];
}

/** Answers with one result per target that it could reach an answer for; rejects when the fleet cannot be reached. */
export type Translate = (question: Question) => Promise<readonly TranslationResult[]>;

/** Tries after which a translation is given up: when the fleet says that it failed, and when it says nothing. */
export const patience = { failures: 8, attempts: 1_000 } as const;

/** Milliseconds after which a try whose end was never heard of counts as lost (the room vanished meanwhile). */
const lostAfterMs = 20_000;
const retry = { firstMs: 500, mostMs: 15_000 };
/** Tries per alarm, and how many of them at a time (a Worker has six connections). */
const triesPerAlarm = 64;
const triesAtOnce = 4;

export interface InterpreterParts {
  readonly database: Database;
  readonly log: ConversationLog;
  readonly translate: Translate;
  readonly now: () => number;
  readonly random: () => number;
  /** Languages that an author is known to write. */
  readonly hints: (authorId: string) => readonly string[];
  /** Hears of each translation that was logged. */
  readonly publish: (entries: readonly LogEntry[]) => void;
  readonly observe: { answered(result: TranslationResult): void; failed(error: unknown): void };
}

/**
 * Sees to it that messages are translated into the languages in which they are wanted, without anybody waiting for it: a
 * demand is written down first, then tried, and tried again until it is met or given up. One try per message and revision
 * runs for a language at a time; what comes back for a revision that is no more is dropped by the log.
 */
export class Interpreter {
  readonly #parts: InterpreterParts;
  readonly #demand: Demand;

  constructor(parts: InterpreterParts) {
    this.#parts = parts;
    this.#demand = new Demand(parts.database);
  }

  /** When to call `retry`, milliseconds since the epoch. */
  get dueAt(): number | undefined {
    return this.#demand.nextAt();
  }

  /** Asks for translations that are not there; the promise settles when the first try has ended, and never rejects. */
  want(messages: readonly StoredMessage[], languages: readonly string[]): Promise<void> {
    const retryAt = this.#parts.now() + lostAfterMs;
    const tries = messages.flatMap((message) => {
      if (languages.every((language) => language === message.language)) return [];
      const added = this.#demand.add(this.#parts.log.messages, message, languages, retryAt);
      return added.length === 0 ? [] : [() => this.#try(message, added)];
    });
    return forEachAtOnce(tries, triesAtOnce, (attempt) => attempt());
  }

  /** Drops the demand for a message that was edited or deleted. */
  forget(messageId: string): void {
    this.#demand.forget(messageId);
  }

  /** Drops every demand, because nothing is to be translated any more; what comes of the tries under way is dropped too. */
  stop(): void {
    this.#demand.clear();
  }

  /** Tries again what is due. Never rejects. */
  retry(): Promise<void> {
    const now = this.#parts.now();
    const languages = new Map<string, string[]>();
    for (const pending of this.#demand.take(now, triesPerAlarm, now + lostAfterMs)) {
      languages.set(pending.messageId, [...(languages.get(pending.messageId) ?? []), pending.language]);
    }
    const tries = [...languages].flatMap(([messageId, targets]) => {
      const message = this.#parts.log.messages.find(messageId);
      if (message === undefined || message.deletedAt > 0) this.#demand.forget(messageId);
      return message === undefined || message.deletedAt > 0 ? [] : [() => this.#try(message, targets)];
    });
    return forEachAtOnce(tries, triesAtOnce, (attempt) => attempt());
  }

  async #try(message: StoredMessage, languages: readonly string[]): Promise<void> {
    const { translate, hints, publish, observe } = this.#parts;
    // It waited for its turn: nobody may want it any more.
    const targetLanguages = languages.filter((language) => this.#demand.isUnderWay(message.id, language));
    if (targetLanguages.length === 0) return;
    const { text, language: sourceLanguage } = message;
    const languageHints = hints(message.authorId);
    try {
      const results = await translate({ text, sourceLanguage, targetLanguages, languageHints });
      // From here on no await: every result is logged and published in one turn.
      const answered = new Map(results.map((result) => [result.language, result]));
      const entries = targetLanguages.flatMap((language) => this.#settle(message, language, answered.get(language)));
      for (const result of results) observe.answered(result);
      if (results.length > 0) this.#demand.hurry(this.#parts.now());
      publish(entries);
    } catch (error) {
      observe.failed(error);
      publish(targetLanguages.flatMap((language) => this.#settle(message, language, undefined)));
    }
  }

  /** Draws the consequences of one answer, or of none. */
  #settle(message: StoredMessage, language: string, result: TranslationResult | undefined): LogEntry[] {
    const { id, revision } = message;
    const known = { messageId: id, revision, language };
    const pending = this.#demand.find(id, language);
    // Met by another try (this one was thought lost), or the message was edited or deleted.
    if (pending?.revision !== revision) return [];
    switch (result?.status) {
      case TranslationStatus.TRANSLATED:
      case TranslationStatus.LOW_CONFIDENCE: {
        this.#learnSource(message, result);
        const { text, status, reason, provenance } = result;
        const translation = { ...known, text, status, reason, ...(provenance && { provenance }) };
        return this.#log(known, translation);
      }
      case TranslationStatus.SAME_LANGUAGE:
      case TranslationStatus.NOTHING_TO_TRANSLATE:
        // No event: readers have the text. The note keeps everybody from asking again.
        if (result.status === TranslationStatus.SAME_LANGUAGE) this.#parts.log.learnLanguage(id, revision, language);
        this.#parts.log.settleTranslation(settled({ ...known, status: result.status }));
        this.#demand.settle(id, revision, language);
        return [];
      default:
        return this.#postponeOrGiveUp(pending, result);
    }
  }

  #postponeOrGiveUp(pending: Pending, failure: TranslationResult | undefined): LogEntry[] {
    const { messageId, revision, language } = pending;
    const attempts = pending.attempts + 1;
    const failures = pending.failures + (failure === undefined ? 0 : 1);
    const known = { messageId, revision, language };
    if (failures >= patience.failures || attempts >= patience.attempts) {
      const reason = failure?.reason || "unavailable";
      return this.#log(known, { ...known, status: TranslationStatus.FAILED, reason });
    }
    const { now, random } = this.#parts;
    this.#demand.postpone({ ...pending, attempts, failures }, now() + backOff(attempts, retry, random));
    return [];
  }

  #log(
    known: { messageId: string; revision: number; language: string },
    translation: Parameters<typeof create<typeof TranslationSchema>>[1],
  ): LogEntry[] {
    const entry = this.#parts.log.appendTranslation(create(TranslationSchema, translation), this.#parts.now());
    this.#demand.settle(known.messageId, known.revision, known.language);
    return entry === undefined ? [] : [entry];
  }

  #learnSource(message: StoredMessage, result: TranslationResult): void {
    const source = result.provenance?.sourceLanguage ?? "";
    if (source !== "") this.#parts.log.learnLanguage(message.id, message.revision, source);
  }
}

/** A translation that settles a pair without a text: the fleet found nothing to translate. */
const settled = (init: Pick<Translation, "messageId" | "revision" | "language" | "status">): Translation =>
  create(TranslationSchema, init);
