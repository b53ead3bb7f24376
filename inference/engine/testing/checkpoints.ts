import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { readJson } from "../../models/description.ts";

/** Checkpoints of random weights in the architectures that are served, made by make-checkpoints.py. */
export type CheckpointName = "nllb" | "t5" | "mt5" | "madlad";

const cases = z.object({
  /** Tokens of an output at most, its end included. */
  limit: z.int(),
  cases: z.array(
    z.object({
      text: z.string(),
      from: z.string(),
      to: z.string(),
      /** What the tokenizer of transformers makes of the text. */
      source: z.array(z.int()),
      /** What the greedy search of transformers makes of that; of the files in eight bits in `quantized`. */
      output: z.array(z.int()),
      quantized: z.array(z.int()).optional(),
    }),
  ),
});

export interface Checkpoint extends Disposable, z.infer<typeof cases> {
  /** A folder that is gone once this is disposed of. */
  readonly folder: string;
}

/** Unpacks a checkpoint into a folder of its own, as Optimum wrote it. */
export function unpackCheckpoint(name: CheckpointName): Checkpoint {
  const packed = fileURLToPath(new URL(`./checkpoints/${name}`, import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), `meeshy-${name}-`));
  for (const file of readdirSync(packed)) {
    const bytes = readFileSync(join(packed, file));
    writeFileSync(join(folder, basename(file, ".gz")), file.endsWith(".gz") ? gunzipSync(bytes) : bytes);
  }
  return {
    folder,
    ...cases.parse(readJson(join(folder, "cases.json"))),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
