import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type QueueStats, Scheduler } from "./batching/scheduler.ts";
import { bareTerms } from "./batching/work.ts";
import { type CacheStats, LruCache } from "./cache/lru.ts";
import type { Output, Row } from "./engine/messages.ts";
import { type Engine, openEngine } from "./engine/pool.ts";
import { describeModel, type ModelDescription, readJson } from "./models/description.ts";
import { ModelTokenizer } from "./models/tokenizer.ts";
import { type TextAnswer, type TextRequest, type TextTranslation, TextTranslator } from "./text-translator.ts";

/** The model that ships with the repository. */
export const embeddedModel = fileURLToPath(new URL("./models/embedded", import.meta.url));

export interface NodeOptions {
  readonly modelFolder: string;
  readonly workers: number;
  readonly intraOpThreads: number;
  readonly batchSize: number;
  /** Tokens of a batch at most, padding included. */
  readonly batchTokens: number;
  readonly maxQueue: number;
  readonly cacheBytes: number;
  readonly cacheTtlMs: number;
  readonly observe?: {
    /** Milliseconds that each row of a batch waited, and that the batch ran. */
    batch(waitedMs: readonly number[], ranMs: number): void;
    tokens(count: number): void;
    /** Milliseconds that the text of one sentence took. */
    stage(name: "tokenise" | "detokenise", ms: number): void;
  };
}

export interface NodeAnswer extends Omit<TextAnswer, "translations"> {
  readonly translations: readonly (TextTranslation & { readonly isCached: boolean })[];
}

/** One model, ready to translate: tokenizer, worker threads, scheduler and cache around it. */
export class TranslationNode {
  readonly model: ModelDescription;
  readonly #engine: Engine;
  readonly #scheduler: Scheduler<Row, Output>;
  readonly #translator: TextTranslator;
  readonly #cache: LruCache<TextTranslation>;
  readonly #maxCacheBytes: number;
  readonly #graphBytes: number;

  private constructor(model: ModelDescription, engine: Engine, options: NodeOptions) {
    this.model = model;
    this.#engine = engine;
    this.#maxCacheBytes = options.cacheBytes;
    this.#graphBytes = [model.encoder, model.decoder].reduce((sum, file) => sum + statSync(file).size, 0);
    this.#scheduler = new Scheduler({
      lanes: engine.lanes,
      batchSize: options.batchSize,
      batchTokens: options.batchTokens,
      maxQueue: options.maxQueue,
      cost: ({ source }) => source.length,
      key: ({ source, target, limit }) => `${target} ${limit} ${source.join(" ")}`,
      run: async (lane, rows) => {
        const outputs = await engine.run(lane, rows);
        options.observe?.tokens(outputs.reduce((sum, { ids }) => sum + ids.length + 1, 0));
        return outputs;
      },
      now: () => performance.now(),
      ...(options.observe === undefined ? {} : { observe: options.observe }),
    });
    const tokenizer = new ModelTokenizer(
      { tokenizer: asObject(model.folder, "tokenizer.json"), config: asObject(model.folder, "tokenizer_config.json") },
      model.languages,
      model.eos,
    );
    this.#translator = new TextTranslator({
      model,
      tokenizer,
      run: (row, terms) => this.#scheduler.submit(row, terms),
      observe: options.observe?.stage.bind(options.observe),
    });
    this.#cache = new LruCache({
      maxBytes: options.cacheBytes,
      ttlMs: options.cacheTtlMs,
      sizeOf: (key, { text }) => (key.length + text.length) * 2 + 160,
      now: () => performance.now(),
    });
  }

  /** Loads the model; throws one sentence that says what is wrong with it. */
  static async open(options: NodeOptions): Promise<TranslationNode> {
    const model = describeModel(options.modelFolder);
    const { workers, intraOpThreads } = options;
    return new TranslationNode(model, await openEngine({ model, workers, intraOpThreads }), options);
  }

  /** Bytes of the graphs that the threads have loaded, each its own; the weights take at least that. */
  get modelBytes(): number {
    return this.#graphBytes * this.#engine.lanes;
  }

  get queueStats(): QueueStats {
    return this.#scheduler.stats;
  }

  get cacheStats(): CacheStats & { readonly maxBytes: number } {
    return { ...this.#cache.stats, maxBytes: this.#maxCacheBytes };
  }

  /**
   * Translates a text into every target, each from the cache when it was asked before; a sentence asked for twice at a time
   * runs once.
   * @throws OverloadedError, DeadlineError, EngineError, or the signal's reason
   */
  async translate(request: TextRequest): Promise<NodeAnswer> {
    const { terms = bareTerms } = request;
    const failed = new AbortController();
    const signal = terms.signal === undefined ? failed.signal : AbortSignal.any([terms.signal, failed.signal]);
    const { source } = await this.#translator.translate({ ...request, targetLanguages: [] });
    const known = { ...request, sourceLanguage: source.language, terms: { ...terms, signal } };
    try {
      const translations = await Promise.all(request.targetLanguages.map((target) => this.#one(known, target)));
      return { source, translations };
    } catch (error) {
      // Without one of its sentences the answer is lost; the others are not to be run for nothing.
      failed.abort(error);
      throw error;
    }
  }

  async #one(request: TextRequest & { sourceLanguage: string }, target: string) {
    const key = `${this.model.name}@${this.model.version}\n${request.sourceLanguage}\n${target}\n${request.text}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return { ...cached, isCached: true };
    const { translations } = await this.#translator.translate({ ...request, targetLanguages: [target] });
    const [translation] = translations;
    if (translation === undefined) throw new Error("The translator left a target out.");
    this.#cache.set(key, translation);
    return { ...translation, isCached: false };
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

function asObject(folder: string, file: string): object {
  const value = readJson(`${folder}/${file}`);
  if (typeof value !== "object" || value === null) throw new Error(`${folder}/${file} is not a JSON object.`);
  return value;
}
