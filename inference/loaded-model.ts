import { Scheduler } from "./batching/scheduler.ts";
import type { Decoding, Output, Row } from "./engine/messages.ts";
import { type Engine, openEngine } from "./engine/pool.ts";
import { type ModelDescription, readJsonObject } from "./models/description.ts";
import { ModelTokenizer } from "./models/tokenizer.ts";
import { type Message, readMessage, type TextTranslation, TextTranslator } from "./text-translator.ts";

export interface LoadOptions {
  readonly workers: number;
  readonly intraOpThreads: number;
  readonly batchSize: number;
  readonly maxQueue: number;
  readonly observe?: {
    batch(size: number, waitedMs: number, ranMs: number): void;
    tokens(count: number): void;
  };
}

/** One model, ready to translate: tokenizer, worker threads and scheduler around it. */
export class LoadedModel {
  readonly #model: ModelDescription;
  readonly #engine: Engine;
  readonly #scheduler: Scheduler<Row, Output>;
  readonly #translator: TextTranslator;

  private constructor(model: ModelDescription, tokenizer: ModelTokenizer, engine: Engine, options: LoadOptions) {
    this.#model = model;
    this.#engine = engine;
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
    this.#translator = new TextTranslator({
      model,
      tokenizer,
      run: (row, signal) => this.#scheduler.submit(row, signal),
    });
  }

  /** Loads the model; throws one sentence that says what is wrong with it. */
  static async open(model: ModelDescription, options: LoadOptions): Promise<LoadedModel> {
    const read = (file: string) => readJsonObject(`${model.folder}/${file}`);
    const files = { tokenizer: read("tokenizer.json"), config: read("tokenizer_config.json") };
    const tokenizer = new ModelTokenizer(files, model);
    const { workers, intraOpThreads } = options;
    return new LoadedModel(model, tokenizer, await openEngine({ model, workers, intraOpThreads }), options);
  }

  get decoding(): Decoding {
    return this.#engine.decoding;
  }

  get queueDepth(): number {
    return this.#scheduler.depth;
  }

  /** @throws OverloadedError, EngineError, or the signal's reason */
  translate(message: Message, target: string, signal?: AbortSignal): Promise<TextTranslation> {
    return this.#translator.translate(message, target, signal);
  }

  /** Translates a word, so that the first who asks does not wait for what the runtime does at its first run. */
  async warmUp(): Promise<void> {
    const [source = "", target = source] = Object.keys(this.#model.languages);
    await this.translate(readMessage({ text: "OK", sourceLanguage: source, hints: [] }), target);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}
