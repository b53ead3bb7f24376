import type { QueueTotals } from "./batching/queue-totals.ts";
import { Scheduler } from "./batching/scheduler.ts";
import { together } from "./batching/together.ts";
import { bareTerms, type Terms } from "./batching/work.ts";
import type { Decoding, Output, Row } from "./engine/messages.ts";
import { type Engine, openEngine } from "./engine/pool.ts";
import { type ModelDescription, readJsonObject } from "./models/description.ts";
import { ModelTokenizer } from "./models/tokenizer.ts";
import { type Message, readMessage, type TextTranslation, TextTranslator } from "./text-translator.ts";

export interface LoadOptions {
  readonly workers: number;
  readonly intraOpThreads: number;
  readonly batchSize: number;
  /** Tokens of a batch at most, padding included. */
  readonly batchTokens: number;
  readonly maxQueue: number;
  /** Hears what each model does, by the model's name. */
  readonly observe?: {
    /** Milliseconds that each row of a batch waited, and that the batch ran. */
    batch(model: string, waitedMs: readonly number[], ranMs: number): void;
    tokens(model: string, count: number): void;
    /** Milliseconds that the text of one sentence took. */
    stage(model: string, name: "tokenise" | "detokenise", ms: number): void;
  };
}

/** One model, ready to translate: tokenizer, worker threads and scheduler around it. */
export class LoadedModel {
  readonly #model: ModelDescription;
  readonly #engine: Engine;
  readonly #scheduler: Scheduler<Row, Output>;
  readonly #translator: TextTranslator;
  readonly #leaveTotals: () => void;

  private constructor(
    model: ModelDescription,
    tokenizer: ModelTokenizer,
    engine: Engine,
    { totals, ...options }: LoadOptions & { readonly totals: QueueTotals },
  ) {
    const { observe } = options;
    this.#model = model;
    this.#engine = engine;
    this.#scheduler = new Scheduler({
      lanes: engine.lanes,
      batchSize: options.batchSize,
      batchTokens: options.batchTokens,
      maxQueue: options.maxQueue,
      cost: ({ source }) => source.length,
      key: ({ source, target, limit }) => `${target} ${limit} ${source.join(" ")}`,
      run: async (lane, rows) => {
        const outputs = await engine.run(lane, rows);
        observe?.tokens(
          model.name,
          outputs.reduce((sum, { ids }) => sum + ids.length + 1, 0),
        );
        return outputs;
      },
      now: () => performance.now(),
      ...(observe && { observe: { batch: (waitedMs, ranMs) => observe.batch(model.name, waitedMs, ranMs) } }),
    });
    this.#translator = new TextTranslator({
      model,
      tokenizer,
      run: (row, terms) => this.#scheduler.submit(row, terms),
      observe: observe && ((stage, ms) => observe.stage(model.name, stage, ms)),
    });
    this.#leaveTotals = totals.add(model.name, () => this.#scheduler.stats);
  }

  /**
   * Loads the model.
   *
   * @param options `totals`: counts its queue in while it is loaded
   * @throws Error with one sentence that says what is wrong with it
   */
  static async open(
    model: ModelDescription,
    options: LoadOptions & { readonly totals: QueueTotals },
  ): Promise<LoadedModel> {
    const read = (file: string) => readJsonObject(`${model.folder}/${file}`);
    const files = { tokenizer: read("tokenizer.json"), config: read("tokenizer_config.json") };
    const tokenizer = new ModelTokenizer(files, model);
    const { workers, intraOpThreads } = options;
    return new LoadedModel(model, tokenizer, await openEngine({ model, workers, intraOpThreads }), options);
  }

  get decoding(): Decoding {
    return this.#engine.decoding;
  }

  /**
   * A sentence asked for twice at a time runs once; without one of its sentences a message is lost, and the others are not run
   * for nothing.
   *
   * @throws OverloadedError, DeadlineError, EngineError, or the signal's reason
   */
  translate(message: Message, target: string, terms: Terms = bareTerms): Promise<TextTranslation> {
    return together(terms, (own) => this.#translator.translate(message, target, own));
  }

  /** Translates a word, so that the first who asks does not wait for what the runtime does at its first run. */
  async warmUp(): Promise<void> {
    const [source = "", target = source] = Object.keys(this.#model.languages);
    await this.translate(readMessage({ text: "OK", sourceLanguage: source, hints: [] }), target);
  }

  close(): Promise<void> {
    this.#leaveTotals();
    return this.#engine.close();
  }
}
