import { FusionError } from "./exported.ts";
import type { Decoding, EngineModel, Output, Row } from "./messages.ts";
import { Seq2Seq } from "./seq2seq.ts";
import { Stepwise } from "./stepwise.ts";

/** Translates batches. `run` blocks the thread it is called on, as ONNX Runtime's own does. */
export interface Decoder {
  readonly decoding: Decoding;
  /** Rows may differ in length and target language. One output per row, in order. */
  run(rows: readonly Row[]): Promise<Output[]>;
  release(): Promise<void>;
}

/**
 * Loads a model as one graph where its files can be joined to one, else to run them step by step, greedily.
 *
 * @throws Error when the files cannot be read, are no such model, or cannot be joined although beams are asked for
 */
export async function loadDecoder(model: EngineModel, intraOpThreads: number): Promise<Decoder> {
  try {
    return await Seq2Seq.load(model, intraOpThreads);
  } catch (error) {
    if (!(error instanceof FusionError)) throw error;
    if (model.beams > 1) throw new Error(`Without one graph there is no beam search. ${error.message}`);
    return Stepwise.load(model, intraOpThreads);
  }
}
