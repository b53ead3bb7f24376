import { dirname } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Decoder } from "./decoder.ts";
import { readExport } from "./exported.ts";
import { fuseGreedy } from "./fuse.ts";
import type { EngineModel, Output, Row } from "./messages.ts";
import { sessionOptions } from "./sessions.ts";
import { int64, sourceTensors } from "./tensors.ts";

const anyToken = -1;

/** Greedy decoding of a sequence-to-sequence model in the layout of an Optimum export, in one graph: see fuse.ts. */
export class Seq2Seq implements Decoder {
  readonly decoding = "fused";
  readonly #model: EngineModel;
  readonly #session: InferenceSession;

  private constructor(model: EngineModel, session: InferenceSession) {
    this.#model = model;
    this.#session = session;
  }

  /** @throws FusionError when the files cannot be joined to one graph */
  static async load(model: EngineModel, intraOpThreads: number): Promise<Seq2Seq> {
    const fused = await fuseGreedy(await readExport(model), model);
    // The graph refers to weights in the export's own files.
    const extra = { session: { model_external_initializers_file_folder_path: dirname(model.encoder) } };
    const session = await InferenceSession.create(fused, { ...sessionOptions(model, intraOpThreads), extra });
    return new Seq2Seq(model, session);
  }

  async run(rows: readonly Row[]): Promise<Output[]> {
    const { pad, eos, startsWithLanguage } = this.#model;
    // What a translation has to begin with is none of its tokens.
    const forced = startsWithLanguage ? 1 : 0;
    const column = (values: readonly number[]) => int64(values, [rows.length, 1]);
    const { sequences, total, count } = await this.#session.run({
      ...sourceTensors(rows, pad),
      forced: column(rows.map(({ target }) => (startsWithLanguage ? (target ?? pad) : anyToken))),
      limits: column(rows.map(({ limit }) => limit)),
      max_steps: int64([forced + Math.max(...rows.map(({ limit }) => limit))], []),
    });
    const steps = sequences?.dims[1] ?? 0;
    return rows.map((_, row) => {
      const number = Number(numberAt(count, row));
      const tokens = Array.from({ length: number }, (_, at) => Number(numberAt(sequences, row * steps + forced + at)));
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

function numberAt(tensor: unknown, at: number): number | bigint {
  if (!(tensor instanceof Tensor)) throw new Error("The graph gave no output.");
  const value = tensor.data[at];
  if (typeof value !== "number" && typeof value !== "bigint") throw new Error("The graph gave too little.");
  return value;
}
