import { Worker } from "node:worker_threads";
import type { Decoding, EngineModel, Output, Row, WorkerAnswer, WorkerRequest, WorkerStart } from "./messages.ts";

/** The model could not run: a worker thread broke or ended. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

/** Translates batches in worker threads, one batch per thread at a time. */
export interface Engine {
  /** Batches that can run at the same time. */
  readonly lanes: number;
  readonly decoding: Decoding;
  /** @throws EngineError */
  run(lane: number, rows: readonly Row[]): Promise<readonly Output[]>;
  close(): Promise<void>;
}

/**
 * Starts the threads and waits until each has loaded the model. A thread that ends is started anew for the next batch.
 *
 * @throws Error when the model cannot be loaded
 */
export async function openEngine(options: {
  readonly model: EngineModel;
  readonly workers: number;
  readonly intraOpThreads: number;
}): Promise<Engine> {
  const { model, intraOpThreads } = options;
  const start: WorkerStart = { model, intraOpThreads };
  const lanes = await Promise.all(Array.from({ length: options.workers }, () => Lane.open(start)));
  return {
    lanes: lanes.length,
    decoding: lanes.some(({ decoding }) => decoding === "stepwise") ? "stepwise" : "fused",
    async run(lane, rows) {
      let chosen = lanes[lane];
      if (chosen === undefined) throw new EngineError(`There is no lane ${lane}.`);
      if (chosen.hasEnded) {
        chosen = await Lane.open(start);
        lanes[lane] = chosen;
      }
      return chosen.run(rows);
    },
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

/** One worker thread. */
class Lane {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<readonly Output[]>>();
  #nextId = 0;
  readonly decoding: Decoding;
  hasEnded = false;

  private constructor(worker: Worker, decoding: Decoding) {
    this.#worker = worker;
    this.decoding = decoding;
    worker.on("message", (answer: WorkerAnswer) => this.#settle(answer));
    worker.on("error", (error) => this.#end(error instanceof Error ? error.message : String(error)));
    worker.on("exit", () => this.#end("The thread ended."));
  }

  static async open(start: WorkerStart): Promise<Lane> {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: start });
    const decoding = await new Promise<Decoding>((resolve, reject) => {
      worker.once("message", (answer: WorkerAnswer) => {
        if (answer.kind === "ready") resolve(answer.decoding);
      });
      worker.once("error", (error) => reject(new EngineError("The model cannot be loaded.", { cause: error })));
      worker.once("exit", () => reject(new EngineError("The thread ended while it loaded the model.")));
    });
    return new Lane(worker, decoding);
  }

  run(rows: readonly Row[]): Promise<readonly Output[]> {
    const request: WorkerRequest = { id: this.#nextId++, rows };
    const waiting = Promise.withResolvers<readonly Output[]>();
    this.#waiting.set(request.id, waiting);
    this.#worker.postMessage(request);
    return waiting.promise;
  }

  async close(): Promise<void> {
    this.hasEnded = true;
    await this.#worker.terminate();
  }

  #settle(answer: WorkerAnswer): void {
    if (answer.kind === "ready") return;
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.kind === "outputs") waiting?.resolve(answer.outputs);
    else waiting?.reject(new EngineError(answer.message));
  }

  #end(why: string): void {
    this.hasEnded = true;
    for (const waiting of this.#waiting.values()) waiting.reject(new EngineError(why));
    this.#waiting.clear();
  }
}
