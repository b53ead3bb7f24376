import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const config = z.object({
  model_type: z.literal("m2m_100", "only models of the M2M100 family (NLLB among them) can be served"),
  d_model: z.int().positive(),
  decoder_layers: z.int().positive(),
  decoder_attention_heads: z.int().positive(),
  eos_token_id: z.int(),
  pad_token_id: z.int(),
  decoder_start_token_id: z.int(),
  max_position_embeddings: z.int().positive(),
});

/** What an Optimum export does not say of itself; `model.json` beside its `config.json`. */
const identity = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  license: z.string().min(1),
  /** BCP 47 code -> the language's token in the vocabulary. */
  languages: z.record(z.string(), z.string()),
  /** Turns the mean log-probability of a translation into the chance that it is right: 1 / (1 + exp(-(a * x + b))). */
  calibration: z.object({ slope: z.number().positive(), intercept: z.number() }).optional(),
});

/** A model in the layout of an Optimum export, and where its files are. */
export interface ModelDescription extends z.infer<typeof identity> {
  readonly folder: string;
  readonly encoder: string;
  readonly decoder: string;
  readonly layers: number;
  readonly heads: number;
  /** Values of one head's key or value. */
  readonly headSize: number;
  readonly eos: number;
  readonly pad: number;
  readonly decoderStart: number;
  /** Longest source in tokens. */
  readonly maxTokens: number;
}

/** Endings of exported files, best for a processor first. */
const suffixes = ["_quantized", "_int8", ""] as const;

/**
 * Reads what a model's folder says of it.
 *
 * @throws Error with one sentence that says what is missing or wrong
 */
export function describeModel(folder: string): ModelDescription {
  const settings = parse(config, folder, "config.json");
  return {
    ...parse(identity, folder, "model.json"),
    folder,
    encoder: findGraph(folder, "encoder_model"),
    decoder: findGraph(folder, "decoder_model_merged"),
    layers: settings.decoder_layers,
    heads: settings.decoder_attention_heads,
    headSize: settings.d_model / settings.decoder_attention_heads,
    eos: settings.eos_token_id,
    pad: settings.pad_token_id,
    decoderStart: settings.decoder_start_token_id,
    maxTokens: settings.max_position_embeddings - 2,
  };
}

function parse<Output>(schema: z.ZodType<Output>, folder: string, file: string): Output {
  const parsed = schema.safeParse(readJson(join(folder, file)));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(`${join(folder, file)} does not describe a model: ${problems.join("; ")}.`);
}

/** A JSON file of a model; throws a sentence that names it. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Optimum puts the graphs beside the configuration, transformers.js into a folder of their own. */
function findGraph(folder: string, name: string): string {
  const candidates = suffixes.flatMap((suffix) => [
    join(folder, "onnx", `${name}${suffix}.onnx`),
    join(folder, `${name}${suffix}.onnx`),
  ]);
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${folder} holds no ${name}.onnx; export the model with Optimum.`);
  return found;
}
