import type { Terms } from "./batching/work.ts";
import type { Output, Row } from "./engine/messages.ts";
import type { ModelDescription } from "./models/description.ts";
import type { ModelTokenizer } from "./models/tokenizer.ts";
import { type Detection, detect } from "./text/detect.ts";
import { emphasised, withMarkers, withoutMarkers } from "./text/emphasis.ts";
import { join, spaceless } from "./text/join.ts";
import { place, replace } from "./text/placeholders.ts";
import { type Doubt, doubtOf } from "./text/quality.ts";
import { type Segment, segment } from "./text/segments.ts";
import { mask, masks, type Span, unmask } from "./text/spans.ts";

export interface TextRequest {
  readonly text: string;
  /** BCP 47 code; undefined: to be detected. */
  readonly sourceLanguage: string | undefined;
  readonly targetLanguages: readonly string[];
  /** Languages the author is known to write, most likely first. */
  readonly hints: readonly string[];
  /** Name of the model that is to answer; undefined: the route decides. */
  readonly model?: string | undefined;
  /** On which terms its sentences are run. */
  readonly terms?: Terms | undefined;
}

export type TextStatus = "translated" | "same_language" | "nothing_to_translate" | "low_confidence";

export interface TextTranslation {
  readonly language: string;
  readonly status: TextStatus;
  /** The translation, whatever the status: the best there is. */
  readonly text: string;
  readonly doubt: Doubt | undefined;
  /** 0 to 1; 0 when no model ran. */
  readonly confidence: number;
}

export interface TextTranslatorParts {
  readonly model: Pick<ModelDescription, "maxTokens" | "calibration">;
  readonly tokenizer: ModelTokenizer;
  readonly run: (row: Row, terms?: Terms) => Promise<Output>;
  /** Hears how many milliseconds the work on one sentence took. */
  readonly observe?: ((stage: "tokenise" | "detokenise", ms: number) => void) | undefined;
}

/** Phrases of a sentence whose emphasis is looked for in its translation; the emphasis of further ones is dropped. */
const mostEmphasised = 8;

/** A sentence's translation. */
interface Sentence {
  readonly text: string;
  /** Sum of the log-probabilities of its tokens, and their number. */
  readonly total: number;
  readonly tokens: number;
  readonly unknown: number;
  readonly doubt: Doubt | undefined;
}

/** A message as it is before any model has seen it. */
export interface Message {
  readonly text: string;
  readonly source: Detection & { readonly declared: boolean };
  readonly masked: ReturnType<typeof mask>;
  /** Whether there is a word in it besides what must not change. */
  readonly hasProse: boolean;
}

/** Finds what must not change in a message, and its language. */
export function readMessage({ text, sourceLanguage, hints }: Omit<TextRequest, "targetLanguages">): Message {
  const masked = mask(text);
  const prose = masked.text.replace(masks, " ");
  const source =
    sourceLanguage === undefined
      ? { ...detect(prose, hints), declared: false }
      : { language: sourceLanguage, confidence: 1, declared: true };
  return { text, source, masked, hasProse: /\p{L}/u.test(prose) };
}

/** The translation of a message that needs no model; undefined when it needs one. */
export function withoutModel({ text, source, hasProse }: Message, language: string): TextTranslation | undefined {
  const status = !hasProse ? "nothing_to_translate" : language === source.language ? "same_language" : undefined;
  return status === undefined ? undefined : { language, status, text, doubt: undefined, confidence: 0 };
}

/**
 * From a message to a translation: keeps away what must not change, translates sentence by sentence, puts everything back and
 * says how far the result is to be trusted.
 */
export class TextTranslator {
  readonly #parts: TextTranslatorParts;

  constructor(parts: TextTranslatorParts) {
    this.#parts = parts;
  }

  /** Translates a message that `readMessage` says is to be translated into this language. */
  async translate(message: Message, target: string, terms?: Terms): Promise<TextTranslation> {
    const { masked, source } = message;
    const segments = segment(masked.text, source.language, masked.spans);
    return this.#into(target, source.language, segments, masked.spans, terms);
  }

  async #into(
    target: string,
    source: string,
    segments: readonly Segment[],
    spans: readonly Span[],
    terms: Terms | undefined,
  ): Promise<TextTranslation> {
    const sentences = await Promise.all(
      segments.map(({ core }) => (core === "" ? undefined : this.#sentence(core, source, target, terms))),
    );
    const texts = sentences.map((sentence) => sentence?.text ?? "");
    const text = unmask(join(segments, texts, source, target), spans);
    const run = sentences.filter((sentence) => sentence !== undefined);
    const tokens = run.reduce((sum, sentence) => sum + sentence.tokens, 0);
    const confidence = this.#confidence(run.reduce((sum, sentence) => sum + sentence.total, 0) / Math.max(1, tokens));
    const doubt =
      run.find((sentence) => sentence.doubt !== undefined)?.doubt ??
      doubtOf({
        source: segments.map(({ core }) => core).join(" "),
        sourceLanguage: source,
        translation: texts.join(" "),
        targetLanguage: target,
        unknown: Math.max(0, ...run.map(({ unknown }) => unknown)),
        confidence,
        isCalibrated: this.#parts.model.calibration !== undefined,
      });
    return { language: target, status: doubt === undefined ? "translated" : "low_confidence", text, doubt, confidence };
  }

  /** Translates a masked sentence; its spans come out as they were, between its pieces where the model loses or lacks placeholders. */
  async #sentence(core: string, source: string, target: string, terms: Terms | undefined): Promise<Sentence> {
    const parts = emphasised(core).slice(0, mostEmphasised);
    if (parts.length === 0) return this.#plain(core, source, target, terms);
    const [whole, ...phrases] = await Promise.all(
      [withoutMarkers(core), ...parts.map(({ phrase }) => phrase)].map((text) =>
        /\p{L}/u.test(text) ? this.#plain(text, source, target, terms) : undefined,
      ),
    );
    if (whole === undefined) return this.#plain(core, source, target, terms);
    const candidates = parts.map(({ marker, phrase }, at) => ({
      marker,
      candidates: [phrases[at]?.text ?? "", phrase],
    }));
    return { ...whole, text: withMarkers(whole.text, candidates, !spaceless.has(target)) };
  }

  /** The same without markers of emphasis. */
  async #plain(core: string, source: string, target: string, terms: Terms | undefined): Promise<Sentence> {
    const placed = this.#parts.tokenizer.hasPlaceholders ? place(core) : undefined;
    if (placed !== undefined) {
      const sentence = await this.#whole(placed.text, source, target, terms);
      const text = replace(sentence.text, placed.characters);
      if (text !== undefined) return { ...sentence, text };
    }
    return this.#pieces(core, source, target, terms);
  }

  async #whole(text: string, source: string, target: string, terms: Terms | undefined): Promise<Sentence> {
    const { tokenizer, model, run } = this.#parts;
    const { ids, unknown } = this.#timed("tokenise", () => tokenizer.encode(text, source, target));
    if (ids.length > model.maxTokens) return { text, total: -99, tokens: 1, unknown, doubt: "length" };
    const limit = Math.min(model.maxTokens, ids.length * 2 + 12);
    const { ids: output, score } = await run({ source: ids, target: tokenizer.tag(target), limit }, terms);
    const tokens = output.length + 1;
    const decoded = this.#timed("detokenise", () => tokenizer.decode(output));
    return { text: decoded, total: score * tokens, tokens, unknown, doubt: undefined };
  }

  async #pieces(core: string, source: string, target: string, terms: Terms | undefined): Promise<Sentence> {
    const parts = core.split(/([\uE000-\uF8FF]|\s+(?=[\uE000-\uF8FF])|(?<=[\uE000-\uF8FF])\s+)/);
    const sentences = await Promise.all(
      parts.map(async (part) =>
        /\p{L}/u.test(part.replace(masks, "")) ? this.#whole(part, source, target, terms) : part,
      ),
    );
    const run = sentences.filter((sentence) => typeof sentence !== "string");
    return {
      text: sentences.map((sentence) => (typeof sentence === "string" ? sentence : sentence.text)).join(""),
      total: run.reduce((sum, { total }) => sum + total, 0),
      tokens: run.reduce((sum, { tokens }) => sum + tokens, 0),
      unknown: Math.max(0, ...run.map(({ unknown }) => unknown)),
      doubt: undefined,
    };
  }

  #timed<Value>(stage: "tokenise" | "detokenise", work: () => Value): Value {
    const startedAt = performance.now();
    const value = work();
    this.#parts.observe?.(stage, performance.now() - startedAt);
    return value;
  }

  /** The chance that a translation is right, from the mean log-probability of its tokens. */
  #confidence(score: number): number {
    const { slope, intercept } = this.#parts.model.calibration ?? { slope: 1, intercept: 0 };
    return this.#parts.model.calibration === undefined
      ? Math.exp(score)
      : 1 / (1 + Math.exp(-(slope * score + intercept)));
  }
}
