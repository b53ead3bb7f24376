import type { ModelDescription } from "../models/description.ts";

/** One sentence to translate. */
export interface Row {
  /** Source tokens, with all that its family puts around them. */
  readonly source: readonly number[];
  /** The token that a translation begins with, its language; undefined where the source says which. */
  readonly target: number | undefined;
  /** Tokens of the translation at most. */
  readonly limit: number;
}

export interface Output {
  /** Tokens of the translation, without language tag and end. */
  readonly ids: number[];
  /** Mean natural logarithm of the probabilities of its tokens, its end included. */
  readonly score: number;
}

/** What the engine needs to know of a model. */
export type EngineModel = Pick<
  ModelDescription,
  | "encoder"
  | "decoder"
  | "startsWithLanguage"
  | "layers"
  | "heads"
  | "headSize"
  | "eos"
  | "pad"
  | "decoderStart"
  | "device"
  | "precision"
  | "beams"
>;

/** Whether batches run as one graph, or token by token. */
export type Decoding = "fused" | "stepwise";

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly model: EngineModel;
  readonly intraOpThreads: number;
}

export interface WorkerRequest {
  readonly id: number;
  readonly rows: readonly Row[];
}

export type WorkerAnswer =
  | { readonly kind: "ready"; readonly decoding: Decoding }
  | { readonly kind: "outputs"; readonly id: number; readonly outputs: readonly Output[] }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
