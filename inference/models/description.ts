import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const common = {
  eos_token_id: z.int(),
  pad_token_id: z.int(),
  decoder_start_token_id: z.int(),
};

/** What the families call their shapes, in the `config.json` of transformers. */
const config = z.discriminatedUnion(
  "model_type",
  [
    z.object({
      model_type: z.literal("m2m_100"),
      d_model: z.int().positive(),
      decoder_layers: z.int().positive(),
      decoder_attention_heads: z.int().positive(),
      max_position_embeddings: z.int().positive(),
      ...common,
    }),
    z.object({
      model_type: z.enum(["t5", "mt5"]),
      d_kv: z.int().positive(),
      num_heads: z.int().positive(),
      num_decoder_layers: z.int().positive(),
      /** Positions are relative; this is what the model was trained with. */
      n_positions: z.int().positive().default(512),
      ...common,
    }),
  ],
  "only models of the families M2M100 (NLLB) and T5 (mT5, MADLAD-400) can be served",
);

export const precisions = ["int8", "fp16", "fp32"] as const;
export const devices = ["cpu", "cuda"] as const;

/** What an Optimum export does not say of itself: `model.json` beside its `config.json`, or an entry of the registry. */
const identity = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  license: z.string().min(1),
  /** BCP 47 code -> what the model calls the language: a token of its vocabulary, or what stands in the prompt. */
  languages: z.record(z.string(), z.string()),
  /** Of the T5 family: what the encoder reads, with `{source}`, `{target}` (as in `languages`) and `{text}`. */
  prompt: z.string().includes("{text}").default("<2{target}> {text}"),
  /** Which of the exported files; without it the best of those that are there for the device. */
  precision: z.enum(precisions).optional(),
  device: z.enum(devices).default("cpu"),
  /** Translations that are followed at a time for each sentence; 1: the likeliest token is taken, greedily. */
  beams: z.int().min(1).max(8).default(1),
  /** Turns the mean log-probability of a translation into the chance that it is right: 1 / (1 + exp(-(a * x + b))). */
  calibration: z.object({ slope: z.number().positive(), intercept: z.number() }).optional(),
});

export type Precision = (typeof precisions)[number];
export type Device = (typeof devices)[number];

/** Merged: one file for the first step and the later ones. */
export type DecoderFiles =
  | { readonly kind: "merged"; readonly path: string }
  | { readonly kind: "pair"; readonly first: string; readonly next: string };

/** A model in the layout of an Optimum export, and where its files are. */
export interface ModelDescription extends z.infer<typeof identity> {
  readonly folder: string;
  readonly family: "m2m100" | "t5";
  readonly encoder: string;
  readonly decoder: DecoderFiles;
  readonly precision: Precision;
  /** A translation begins with the token of its language (M2M100); else the source says which it is to be. */
  readonly startsWithLanguage: boolean;
  readonly layers: number;
  readonly heads: number;
  /** Values of one head's key or value. */
  readonly headSize: number;
  readonly eos: number;
  readonly pad: number;
  readonly decoderStart: number;
  /** Longest source in tokens. */
  readonly maxTokens: number;
  /** Of the files that hold weights. */
  readonly bytes: number;
  /** Of the file that the tokenizer's tables are made of. */
  readonly tokenizerBytes: number;
}

/** Endings of exported files; of equals the first that is there. */
const suffixes: Readonly<Record<Precision, readonly string[]>> = {
  int8: ["_quantized", "_int8"],
  fp16: ["_fp16"],
  fp32: [""],
};
/** Best first. A processor has no arithmetic in half precision: it is there for what has. */
const preferred: Readonly<Record<Device, readonly Precision[]>> = {
  cpu: ["int8", "fp32", "fp16"],
  cuda: ["fp16", "fp32", "int8"],
};

/**
 * Reads what a model's folder says of it.
 *
 * @param given goes before what the folder's `model.json` says; with all of it there, no such file is needed
 * @throws Error with one sentence that says what is missing or wrong
 */
export function describeModel(folder: string, given: Readonly<Record<string, unknown>> = {}): ModelDescription {
  const settings = parse(config, readJson(join(folder, "config.json")), join(folder, "config.json"));
  const own = join(folder, "model.json");
  const said = existsSync(own) ? z.record(z.string(), z.unknown()).parse(readJson(own)) : {};
  const known = parse(identity, { ...said, ...given }, own);
  const shape =
    settings.model_type === "m2m_100"
      ? ({
          family: "m2m100",
          startsWithLanguage: true,
          layers: settings.decoder_layers,
          heads: settings.decoder_attention_heads,
          headSize: settings.d_model / settings.decoder_attention_heads,
          maxTokens: settings.max_position_embeddings - 2,
        } as const)
      : ({
          family: "t5",
          startsWithLanguage: false,
          layers: settings.num_decoder_layers,
          heads: settings.num_heads,
          headSize: settings.d_kv,
          maxTokens: settings.n_positions,
        } as const);
  return {
    ...known,
    ...shape,
    ...findGraphs(folder, known.precision === undefined ? preferred[known.device] : [known.precision]),
    folder,
    tokenizerBytes: sizeOf([join(folder, "tokenizer.json")]),
    eos: settings.eos_token_id,
    pad: settings.pad_token_id,
    decoderStart: settings.decoder_start_token_id,
  };
}

/** What the schema makes of a value; throws one sentence that names the file and everything that is wrong. */
export function parse<Output>(schema: z.ZodType<Output>, value: unknown, file: string): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(`${file} does not describe a model: ${problems.join("; ")}.`);
}

/** A JSON file of a model; throws a sentence that names it. */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** As `readJson`, of a file that holds an object. */
export function readJsonObject(path: string): object {
  const value = readJson(path);
  if (typeof value !== "object" || value === null) throw new Error(`${path} is not a JSON object.`);
  return value;
}

/** The files of one precision, all in one folder: Optimum's own beside the configuration, transformers.js' in `onnx`. */
function findGraphs(folder: string, wanted: readonly Precision[]) {
  for (const precision of wanted) {
    for (const suffix of suffixes[precision]) {
      for (const place of [join(folder, "onnx"), folder]) {
        const path = (name: string) => join(place, `${name}${suffix}.onnx`);
        const encoder = path("encoder_model");
        const decoder = findDecoder(path);
        if (existsSync(encoder) && decoder !== undefined) {
          return { encoder, decoder, precision, bytes: sizeOf([encoder, ...decoderPaths(decoder)]) };
        }
      }
    }
  }
  throw new Error(
    `${folder} holds no encoder_model and decoder_model_merged in ${wanted.join(", ")}; export the model with Optimum.`,
  );
}

function findDecoder(path: (name: string) => string): DecoderFiles | undefined {
  const [merged, first, next] = [path("decoder_model_merged"), path("decoder_model"), path("decoder_with_past_model")];
  if (existsSync(merged)) return { kind: "merged", path: merged };
  return existsSync(first) && existsSync(next) ? { kind: "pair", first, next } : undefined;
}

const decoderPaths = (decoder: DecoderFiles): string[] =>
  decoder.kind === "pair" ? [decoder.first, decoder.next] : [decoder.path];

/** Bytes of files and of the weights beside them. */
const sizeOf = (files: readonly string[]): number =>
  files
    .flatMap((path) => [path, `${path}_data`, `${path}.data`])
    .filter((path) => existsSync(path))
    .reduce((sum, path) => sum + statSync(path).size, 0);
