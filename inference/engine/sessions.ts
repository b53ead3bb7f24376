import type { InferenceSession } from "onnxruntime-node";
import type { EngineModel } from "./messages.ts";

/** ONNX Runtime's level of "error". Its warnings are of how it arranges a graph, and there is nothing that an operator could do. */
const errorsOnly = 3;

/** How sessions of a model are made: with its device first, and the processor for what the device cannot. */
export const sessionOptions = (
  { device }: EngineModel,
  intraOpNumThreads: number,
): InferenceSession.SessionOptions => ({
  intraOpNumThreads,
  interOpNumThreads: 1,
  executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
  logSeverityLevel: errorsOnly,
});
