import { parentPort, workerData } from "node:worker_threads";
import { env } from "onnxruntime-node";
import { loadDecoder } from "./decoder.ts";
import type { WorkerAnswer, WorkerRequest, WorkerStart } from "./messages.ts";

/** One session of the model in a thread of its own: ONNX Runtime's `run` blocks the thread that calls it. */
if (parentPort === null) throw new Error("This file runs in a worker thread.");
const port = parentPort;
const answer = (message: WorkerAnswer): void => port.postMessage(message);

const { model, intraOpThreads }: WorkerStart = workerData;
// ONNX Runtime writes warnings past the options of its sessions; there is nothing that an operator could do.
env.logLevel = "error";
const decoder = await loadDecoder(model, intraOpThreads);
port.on("message", ({ id, rows }: WorkerRequest) => {
  decoder.run(rows).then(
    (outputs) => answer({ kind: "outputs", id, outputs }),
    (error: unknown) => answer({ kind: "failed", id, message: error instanceof Error ? error.message : String(error) }),
  );
});
answer({ kind: "ready", decoding: decoder.decoding });
