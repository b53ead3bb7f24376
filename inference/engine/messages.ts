import type { ModelDescription } from "../models/description.ts";

/** One sentence to translate. */
export interface Row {
  /** Source tokens, with language tag and end. */
  readonly source: readonly number[];
  /** The first token of the translation: its language. */
  readonly target: number;
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
  "encoder" | "decoder" | "layers" | "heads" | "headSize" | "eos" | "pad" | "decoderStart"
>;

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
  | { readonly kind: "ready" }
  | { readonly kind: "outputs"; readonly id: number; readonly outputs: readonly Output[] }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
