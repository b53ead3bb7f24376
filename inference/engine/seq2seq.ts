import { readFile } from "node:fs/promises";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { fuseGreedy } from "./fuse.ts";
import type { EngineModel, Output, Row } from "./messages.ts";

/**
 * Greedy decoding of a sequence-to-sequence model in the layout of an Optimum export, in one graph: see fuse.ts. `run` blocks
 * the thread it is called on, as ONNX Runtime's own does: call it in a worker thread.
 */
export class Seq2Seq {
  readonly #model: EngineModel;
  readonly #session: InferenceSession;

  private constructor(model: EngineModel, session: InferenceSession) {
    this.#model = model;
    this.#session = session;
  }

  static async load(model: EngineModel, intraOpNumThreads: number): Promise<Seq2Seq> {
    const [encoder, decoder] = await Promise.all([readFile(model.encoder), readFile(model.decoder)]);
    const fused = fuseGreedy({ encoder, decoder }, model);
    const options: InferenceSession.SessionOptions = { intraOpNumThreads, interOpNumThreads: 1 };
    return new Seq2Seq(model, await InferenceSession.create(fused, options));
  }

  /** Translates a batch; rows may differ in length and target language. One output per row, in order. */
  async run(rows: readonly Row[]): Promise<Output[]> {
    const { pad, eos } = this.#model;
    const length = Math.max(...rows.map(({ source }) => source.length));
    const ids = rows.flatMap(({ source }) => [...source, ...Array<number>(length - source.length).fill(pad)]);
    const mask = rows.flatMap(({ source }) => Array.from({ length }, (_, at) => (at < source.length ? 1 : 0)));
    const { sequences, total, count } = await this.#session.run({
      input_ids: int64(ids, [rows.length, length]),
      attention_mask: int64(mask, [rows.length, length]),
      forced_bos: int64(
        rows.map(({ target }) => target),
        [rows.length, 1],
      ),
      limits: int64(
        rows.map(({ limit }) => limit),
        [rows.length, 1],
      ),
      max_steps: int64([Math.max(...rows.map(({ limit }) => limit))], []),
    });
    const steps = sequences?.dims[1] ?? 0;
    return rows.map((_, row) => {
      const number = Number(numberAt(count, row));
      const tokens = Array.from({ length: number }, (_, at) => Number(numberAt(sequences, row * steps + at)));
      return {
        ids: tokens.at(-1) === eos ? tokens.slice(0, -1) : tokens,
        score: Number(numberAt(total, row)) / number,
      };
    });
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

const int64 = (values: readonly number[], shape: readonly number[]): Tensor =>
  new Tensor("int64", BigInt64Array.from(values, BigInt), shape);

function numberAt(tensor: unknown, at: number): number | bigint {
  if (!(tensor instanceof Tensor)) throw new Error("The graph gave no output.");
  const value = tensor.data[at];
  if (typeof value !== "number" && typeof value !== "bigint") throw new Error("The graph gave too little.");
  return value;
}
