import type { InferenceSession } from "onnxruntime-node";
import type { EngineModel } from "./messages.ts";

/** How sessions of a model are made: with its device first, and the processor for what the device cannot. */
export const sessionOptions = (
  { device }: EngineModel,
  intraOpNumThreads: number,
): InferenceSession.SessionOptions => ({
  intraOpNumThreads,
  interOpNumThreads: 1,
  executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
});
