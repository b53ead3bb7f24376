import { z } from "zod";
import { defaultRegistry, fetchedModels } from "./models/registry.ts";
import { shortCharacters } from "./routing.ts";

const whole = (low: number, high: number, fallback: number) =>
  z.coerce.number(`must be a number`).int().min(low).max(high).default(fallback);

/** Settings of an inference server, by the names of the environment. docs/inference.md lists them. */
const schema = z.object({
  HOST: z.string().min(1).default("127.0.0.1"),
  /** 0: a free one. */
  GRPC_PORT: whole(0, 65_535, 8443),
  /** Folder of an Optimum export that takes the place of the embedded model. */
  MODEL_DIR: z.string().min(1).optional(),
  /** JSON file that names the models. */
  MODELS_FILE: z.string().min(1).default(defaultRegistry),
  /** Folder of fetched models. */
  MODELS_DIR: z.string().min(1).default(fetchedModels),
  /** Bytes that loaded models may take together. */
  MODEL_MEMORY_BYTES: whole(0, 1_099_511_627_776, 4_294_967_296),
  /** Share of an NVIDIA card's memory that loaded models may take together. */
  GPU_MEMORY_FRACTION: z.coerce.number("must be a number").min(0.05).max(1).default(0.9),
  /** Longest message, in characters, that goes to the model for short ones. */
  ROUTE_SHORT_CHARACTERS: whole(0, 10_000, shortCharacters),
  /** Threads that run the model, each with its own session. */
  WORKERS: whole(1, 64, 1),
  /** Threads inside one run of the model. */
  INTRA_OP_THREADS: whole(1, 64, 1),
  /** Rows of one run at most. */
  ML_BATCH_SIZE: whole(1, 256, 32),
  /** Tokens of one run at most, padding included. */
  ML_BATCH_TOKENS: whole(16, 1_000_000, 2_048),
  /** Rows that may wait; beyond that callers are told to come back. */
  ML_MAX_QUEUE: whole(1, 100_000, 2_048),
  /** Seconds a translation stays in the node's cache. */
  CACHE_TTL: whole(1, 31_536_000, 86_400),
  CACHE_MAX_BYTES: whole(0, 4_294_967_296, 67_108_864),
  /** PEM files; both or neither. Without them a certificate for localhost is made in TLS_DIR. */
  TLS_CERT: z.string().min(1).optional(),
  TLS_KEY: z.string().min(1).optional(),
  TLS_DIR: z.string().min(1).default(".meeshy/tls"),
  /** Base URL of the Meeshy to register with, the secret that it shares, and this node's address from there; all or none. */
  FLEET_URL: z.url().optional(),
  FLEET_SECRET: z.string().min(32, "must be at least 32 characters").optional(),
  NODE_URL: z.url({ protocol: /^https$/, error: "must be an https:// address" }).optional(),
  /** Milliseconds that accepted work may take after a signal to stop. */
  DRAIN_TIMEOUT_MS: whole(0, 600_000, 10_000),
});

export type InferenceConfig = z.infer<typeof schema>;

/**
 * Reads the settings from the environment; an empty variable counts as unset.
 *
 * @throws Error with one sentence that names every variable that is wrong
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): InferenceConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The inference server cannot start: ${problems.join("; ")}. See docs/inference.md.`);
  }
  const { TLS_CERT, TLS_KEY } = parsed.data;
  if ((TLS_CERT === undefined) !== (TLS_KEY === undefined)) {
    throw new Error("The inference server cannot start: set both TLS_CERT and TLS_KEY, or neither.");
  }
  const { FLEET_URL, FLEET_SECRET, NODE_URL } = parsed.data;
  if (new Set([FLEET_URL, FLEET_SECRET, NODE_URL].map((value) => value === undefined)).size > 1) {
    throw new Error("The inference server cannot start: set all of FLEET_URL, FLEET_SECRET and NODE_URL, or none.");
  }
  return parsed.data;
}
