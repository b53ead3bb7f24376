import { fileURLToPath } from "node:url";
import { OverloadedError, Scheduler } from "./batching/scheduler.ts";
import { type CacheStats, LruCache } from "./cache/lru.ts";
import type { Output, Row } from "./engine/messages.ts";
import { type Engine, EngineError, openEngine } from "./engine/pool.ts";
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
  readonly maxQueue: number;
  readonly cacheBytes: number;
  readonly cacheTtlMs: number;
  readonly observe?: {
    batch(size: number, waitedMs: number, ranMs: number): void;
    tokens(count: number): void;
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
  readonly #inFlight = new Map<string, Promise<TextTranslation>>();

  private constructor(model: ModelDescription, engine: Engine, options: NodeOptions) {
    this.model = model;
    this.#engine = engine;
    this.#maxCacheBytes = options.cacheBytes;
    this.#scheduler = new Scheduler({
      lanes: engine.lanes,
      batchSize: options.batchSize,
      maxQueue: options.maxQueue,
      cost: ({ source }) => source.length,
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
      model,
    );
    this.#translator = new TextTranslator({
      model,
      tokenizer,
      run: (row, signal) => this.#scheduler.submit(row, signal),
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

  get queueDepth(): number {
    return this.#scheduler.depth;
  }

  get cacheStats(): CacheStats & { readonly maxBytes: number } {
    return { ...this.#cache.stats, maxBytes: this.#maxCacheBytes };
  }

  /**
   * Translates a text into every target, each from the cache when it was asked before; the same question asked twice at a
   * time runs once.
   * @throws OverloadedError, EngineError, or the signal's reason
   */
  async translate(request: TextRequest): Promise<NodeAnswer> {
    const none = await this.#translator.translate({ ...request, targetLanguages: [] });
    const translations = await Promise.all(
      request.targetLanguages.map((target) => this.#one({ ...request, sourceLanguage: none.source.language }, target)),
    );
    return { source: none.source, translations };
  }

  async #one(request: TextRequest & { sourceLanguage: string }, target: string) {
    const key = `${this.model.name}@${this.model.version}\n${request.sourceLanguage}\n${target}\n${request.text}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return { ...cached, isCached: true };
    const running = this.#inFlight.get(key);
    if (running === undefined) return { ...(await this.#start(key, request, target)), isCached: false };
    try {
      return { ...(await running), isCached: false };
    } catch (error) {
      // Whoever asked first may have given up; that is no answer to this caller.
      if (error instanceof OverloadedError || error instanceof EngineError) throw error;
      request.signal?.throwIfAborted();
      return { ...(await this.#start(key, request, target)), isCached: false };
    }
  }

  #start(key: string, request: TextRequest, target: string): Promise<TextTranslation> {
    const running = this.#translator
      .translate({ ...request, targetLanguages: [target] })
      .then(({ translations: [translation] }) => {
        if (translation === undefined) throw new Error("The translator left a target out.");
        this.#cache.set(key, translation);
        return translation;
      })
      .finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, running);
    return running;
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
