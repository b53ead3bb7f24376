import type { EngineModel, Output, Row } from "./seq2seq.ts";

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
