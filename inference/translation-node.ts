import { fileURLToPath } from "node:url";
import { QueueTotals } from "./batching/queue-totals.ts";
import type { QueueStats } from "./batching/scheduler.ts";
import { together } from "./batching/together.ts";
import { bareTerms, type Terms } from "./batching/work.ts";
import { type CacheStats, LruCache } from "./cache/lru.ts";
import type { Decoding } from "./engine/messages.ts";
import { EngineError } from "./engine/pool.ts";
import { LoadedModel, type LoadOptions } from "./loaded-model.ts";
import { type AvailableModel, isAvailable, onlyModel, type RegisteredModel } from "./models/registry.ts";
import { ModelShelf, type ModelState } from "./models/shelf.ts";
import { route, shortCharacters } from "./routing.ts";
import { type Message, readMessage, type TextRequest, type TextTranslation, withoutModel } from "./text-translator.ts";

/** The model that ships with the repository. */
export const embeddedModel = fileURLToPath(new URL("./models/embedded", import.meta.url));

export interface NodeOptions extends LoadOptions {
  readonly models: readonly RegisteredModel[];
  /** Bytes that loaded models may take together. */
  readonly modelMemoryBytes: number;
  /** The same on an NVIDIA card; unbounded where it is not known. */
  readonly cardMemoryBytes?: number | undefined;
  /** Longest message, in characters, for the route `short`. */
  readonly shortCharacters: number;
  readonly cacheBytes: number;
  readonly cacheTtlMs: number;
  /** Told when a model other than the embedded one could not be loaded or run; another then answers. */
  readonly onFailure?: (model: string, error: EngineError) => void;
}

export interface NodeTranslation extends TextTranslation {
  readonly isCached: boolean;
  /** What wrote it; undefined when no model ran. */
  readonly model: { readonly name: string; readonly version: string } | undefined;
  /** The model that should have and could not; undefined when it did. */
  readonly fallbackFrom: string | undefined;
}

export interface NodeAnswer {
  readonly source: Message["source"];
  /** One per target, in the order asked. */
  readonly translations: readonly NodeTranslation[];
}

/** A node with one model, whatever it takes, out of a folder that says everything itself. */
export const openFolder = (
  folder: string,
  options: Omit<NodeOptions, "models" | "modelMemoryBytes" | "shortCharacters">,
): Promise<TranslationNode> =>
  TranslationNode.open({
    ...options,
    models: [onlyModel(folder)],
    modelMemoryBytes: Number.POSITIVE_INFINITY,
    shortCharacters,
  });

/** What a node says of one of its models. */
export interface ModelStatus {
  readonly name: string;
  readonly version: string;
  readonly family: string;
  readonly license: string;
  readonly route: string | undefined;
  readonly precision: string;
  readonly device: string;
  readonly languages: readonly string[];
  readonly state: ModelState;
  /** Once it is loaded. */
  readonly decoding: Decoding | undefined;
  /** About, once it is loaded. */
  readonly bytes: number;
}

/** No model of the node knows both languages. */
export class UnknownPairError extends Error {
  override readonly name = "UnknownPairError";
}

/** Translates with the models of a registry: which one is a matter of routes; answers are kept, whoever gave them. */
export class TranslationNode {
  readonly #options: NodeOptions;
  readonly #models: readonly AvailableModel[];
  readonly #shelf: ModelShelf<LoadedModel>;
  readonly #cache: LruCache<TextTranslation>;
  readonly #totals = new QueueTotals();

  private constructor(options: NodeOptions) {
    this.#options = options;
    this.#models = options.models.filter(isAvailable);
    this.#shelf = new ModelShelf({
      maxBytes: { cpu: options.modelMemoryBytes, cuda: options.cardMemoryBytes ?? Number.POSITIVE_INFINITY },
      bytesOf: (model) => this.#bytesOf(model),
      load: async ({ name, description }) => {
        try {
          return await LoadedModel.open(description, { ...options, totals: this.#totals });
        } catch (error) {
          if (error instanceof EngineError) throw error;
          throw new EngineError(`The model ${name} cannot be loaded.`, { cause: error });
        }
      },
      now: () => performance.now(),
    });
    this.#cache = new LruCache({
      maxBytes: options.cacheBytes,
      ttlMs: options.cacheTtlMs,
      sizeOf: (key, { text }) => (key.length + text.length) * 2 + 160,
      now: () => performance.now(),
    });
  }

  /**
   * Loads the embedded model and those that are to be warm.
   * @throws Error when there is no embedded model; EngineError when the embedded model cannot be loaded; that another cannot is told to `onFailure`
   */
  static async open(options: NodeOptions): Promise<TranslationNode> {
    const node = new TranslationNode(options);
    if (!node.#models.some(({ route }) => route === "embedded")) {
      throw new Error("The files of the embedded model are not there; see MODELS_FILE and MODEL_DIR.");
    }
    for (const model of node.#models.filter(({ route, warm }) => warm || route === "embedded")) {
      await node.#shelf
        .use(model, (loaded) => loaded.warmUp())
        .catch((error: unknown) => node.#failed(model, error, model.route !== "embedded"));
    }
    return node;
  }

  /** The models whose files are there, the embedded one first. */
  get models(): readonly ModelStatus[] {
    return this.#models
      .toSorted((one, other) => Number(other.route === "embedded") - Number(one.route === "embedded"))
      .map((model) => {
        const { name, version, family, license, precision, device, languages } = model.description;
        return {
          name,
          version,
          family,
          license,
          route: model.route,
          precision,
          device,
          languages: Object.keys(languages),
          state: this.#shelf.stateOf(name),
          decoding: this.#shelf.find(name)?.decoding,
          bytes: this.#bytesOf(model),
        };
      });
  }

  /** What loaded models take together, about. */
  get modelBytes(): number {
    const loaded = this.#models.filter(({ name }) => this.#shelf.find(name) !== undefined);
    return loaded.reduce((sum, model) => sum + this.#bytesOf(model), 0);
  }

  /** Of all models together; counts include those of models that have been unloaded. */
  get queueStats(): QueueStats {
    return this.#totals.stats;
  }

  /** Of each model that has been loaded; one that is no longer has no lanes. */
  get queues(): QueueTotals["byName"] {
    return this.#totals.byName;
  }

  get cacheStats(): CacheStats & { readonly maxBytes: number } {
    return { ...this.#cache.stats, maxBytes: this.#options.cacheBytes };
  }

  /**
   * Translates a text into every target, each from the cache when it was asked before; a sentence asked for twice at a time
   * runs once. When the model that should answer cannot, the next one does.
   * @throws OverloadedError, DeadlineError, UnknownPairError, EngineError when no model could answer, or the signal's reason
   */
  async translate(request: TextRequest): Promise<NodeAnswer> {
    const message = readMessage(request);
    const into = async (target: string, terms: Terms) => {
      const untouched = withoutModel(message, target);
      return untouched === undefined
        ? this.#byBest(message, target, request.model, terms)
        : { ...untouched, isCached: false, model: undefined, fallbackFrom: undefined };
    };
    const translations = await together(request.terms ?? bareTerms, (terms) =>
      Promise.all(request.targetLanguages.map((target) => into(target, terms))),
    );
    return { source: message.source, translations };
  }

  async close(): Promise<void> {
    await this.#shelf.close();
  }

  async #byBest(message: Message, target: string, asked: string | undefined, terms: Terms): Promise<NodeTranslation> {
    const { shortCharacters } = this.#options;
    const candidates = route(this.#models, { message, target, model: asked, shortCharacters });
    const wanted = asked ?? candidates[0]?.name;
    let last: unknown = new UnknownPairError(`No model knows both ${message.source.language} and ${target}.`);
    for (const model of candidates) {
      try {
        const { name, version } = model.description;
        const answer = await this.#by(model, message, target, terms);
        return { ...answer, model: { name, version }, fallbackFrom: name === wanted ? undefined : wanted };
      } catch (error) {
        last = error;
        this.#failed(model, error, model !== candidates.at(-1));
      }
    }
    throw last;
  }

  /** From the cache, or from the model itself. */
  async #by(model: AvailableModel, message: Message, target: string, terms: Terms) {
    const { name, version } = model.description;
    const key = `${name}@${version}\n${message.source.language}\n${target}\n${message.text}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return { ...cached, isCached: true };
    const translation = await this.#shelf.use(model, (loaded) => loaded.translate(message, target, terms));
    this.#cache.set(key, translation);
    return { ...translation, isCached: false };
  }

  /** Passes over what another model makes good; throws everything else. */
  #failed({ name }: AvailableModel, error: unknown, hasNext: boolean): void {
    if (!hasNext || !(error instanceof EngineError)) throw error;
    this.#options.onFailure?.(name, error);
  }

  /** Each thread holds the weights; the tokenizer's tables take about ten times their file, once. */
  #bytesOf({ description }: AvailableModel): number {
    return description.bytes * this.#options.workers + description.tokenizerBytes * 10;
  }
}
