import type { Message, ServerEvent, Translation } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { CacheTier, TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";

/** How often readers were shown translations. */
export interface Shown {
  /** As it came, while the conversation was open. */
  live: number;
  /** On a page of history. */
  onPages: number;
}

/** Keeps account of what each reader of a replay is shown. */
export class Readings {
  /** Translations, and translations that the model doubts: of these the app shows the original. */
  readonly translated: Shown = { live: 0, onPages: 0 };
  readonly doubted: Shown = { live: 0, onPages: 0 };
  /** Events seen, to know when no more come. */
  events = 0;
  /** Of `translated`, by size of the conversation. */
  readonly bySize = new Map<number, { reads: number; inferred: number }>();
  readonly #seen = new Set<string>();
  readonly #inferred = new Set<string>();

  /** Messages that some reader was shown in their language, counted once for each reader. */
  get firstSights(): number {
    return this.#seen.size;
  }

  /** Takes up an event on a socket of a person in a conversation of a size. */
  take(event: ServerEvent["event"], reader: number, size: number): void {
    this.events += 1;
    if (event.case === "messageTranslation") this.#show(event.value, "live", reader, size);
    if (event.case !== "sync") return;
    const shown = [...event.value.pinned, ...event.value.messages];
    for (const translation of shown.flatMap(({ translations }: Message) => translations)) {
      this.#show(translation, "onPages", reader, size);
    }
  }

  #show({ messageId, language, status, provenance }: Translation, where: keyof Shown, reader: number, size: number) {
    if (status === TranslationStatus.LOW_CONFIDENCE) this.doubted[where] += 1;
    if (status !== TranslationStatus.TRANSLATED) return;
    this.translated[where] += 1;
    this.#seen.add(`${reader} ${messageId}`);
    const ofSize = this.bySize.get(size) ?? { reads: 0, inferred: 0 };
    this.bySize.set(size, ofSize);
    ofSize.reads += 1;
    const pair = `${messageId} ${language}`;
    if (provenance?.cache !== CacheTier.UNSPECIFIED || this.#inferred.has(pair)) return;
    this.#inferred.add(pair);
    ofSize.inferred += 1;
  }
}
