import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Output, Row } from "../../inference/engine/messages.ts";
import { openEngine } from "../../inference/engine/pool.ts";
import { type CheckpointName, unpackCheckpoint } from "../../inference/engine/testing/checkpoints.ts";
import {
  type Device,
  describeModel,
  type ModelDescription,
  type Precision,
  readJsonObject,
} from "../../inference/models/description.ts";
import { ModelTokenizer } from "../../inference/models/tokenizer.ts";
import { embeddedModel } from "../../inference/translation-node.ts";
import { languageCodes } from "../../proto/languages.ts";
import { quantiles, table } from "../../scripts/bench/quantiles.ts";
import { heldOutMessages } from "./messages.ts";

const usage = `The engine on an NVIDIA card: whether it says what it should, and how fast a large model is. ONNX Runtime's CUDA provider has to be
installed: npm run doctor says what is missing.

  npm run bench:cuda -- [--model FOLDER] [--device cpu] [--json FILE]

  --model FOLDER    an export to measure, such as large_model.py makes; without it, only what is said is checked
  --precision P     of its files (default fp16)
  --batches LIST    rows of a batch (default 1,8,32,64,128)
  --tokens N        tokens of each translation (default 16; a source has as many)
  --seconds N       of each measurement (default 3)
  --python F        Python with torch and transformers, for the same shape in transformers' own generate()
  --small FOLDER    an export of the embedded model in fp32 or fp16, to be checked beside the tiny checkpoints
  --only-speed      without checking what is said
  --device D        where to run it (default cuda)
  --json FILE       the same numbers for machines

The exit code is 1 when a model in fp32 or fp16 differs in more than one translation.`;

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    precision: { type: "string", default: "fp16" },
    batches: { type: "string", default: "1,8,32,64,128" },
    tokens: { type: "string", default: "16" },
    seconds: { type: "string", default: "3" },
    python: { type: "string" },
    "only-speed": { type: "boolean", default: false },
    small: { type: "string", multiple: true, default: [] },
    device: { type: "string", default: "cuda" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const device = z.enum(["cpu", "cuda"]).parse(values.device);
const precision = z.enum(["fp16", "fp32", "int8"]).parse(values.precision);
const identity = { name: "measured", version: "1", license: "MIT", languages: { en: "eng_Latn", fr: "fra_Latn" } };

async function translate(model: ModelDescription, rows: readonly Row[]): Promise<readonly Output[]> {
  const engine = await openEngine({ model, workers: 1, intraOpThreads: 1 });
  try {
    return await engine.run(0, rows);
  } finally {
    await engine.close();
  }
}

const tokenizerOf = (model: ModelDescription) =>
  new ModelTokenizer(
    {
      tokenizer: readJsonObject(`${model.folder}/tokenizer.json`),
      config: readJsonObject(`${model.folder}/tokenizer_config.json`),
    },
    model,
  );

interface Agreement {
  readonly model: string;
  readonly precision: Precision;
  /** Translations that are token for token the same, of how many. */
  readonly same: number;
  readonly of: number;
}

const agreement = (model: string, precision: Precision, found: readonly Output[], wanted: readonly number[][]) => ({
  model,
  precision,
  same: found.filter(({ ids }, row) => ids.join() === wanted[row]?.join()).length,
  of: wanted.length,
});

/** The tiny checkpoints: what transformers says of them is in the repository. */
async function checkpoint(name: CheckpointName, precision: Precision): Promise<Agreement> {
  using unpacked = unpackCheckpoint(name);
  const model = describeModel(unpacked.folder, { precision, device });
  const tokenizer = tokenizerOf(model);
  const rows = unpacked.cases.map(({ source, to }) => ({ source, target: tokenizer.tag(to), limit: unpacked.limit }));
  const wanted = unpacked.cases.map(({ output, quantized }) =>
    ((precision === "int8" ? quantized : undefined) ?? output).filter(
      (id, at, all) => id !== model.eos || at < all.length - 1,
    ),
  );
  // Eight bits share their scales with the whole batch: alone, a row is what transformers makes of it alone.
  const batches = precision === "int8" ? rows.map((row) => [row]) : [rows];
  const found = await Promise.all(batches.map((batch) => translate(model, batch)));
  return agreement(model.name, precision, found.flat(), wanted);
}

/** An export of the embedded model: the processor says what it should say. */
async function small(folder: string, precision: Precision): Promise<Agreement> {
  const on = (device: Device) => describeModel(folder, { precision, device });
  const tokenizer = tokenizerOf(on("cpu"));
  const messages = heldOutMessages();
  const rows = Array.from({ length: 200 }, (_, index): Row => {
    const from = languageCodes[index % languageCodes.length] ?? "en";
    const to = languageCodes[(index + 1 + (index % 7)) % languageCodes.length] ?? "fr";
    const { ids } = tokenizer.encode(messages[index % messages.length]?.get(from) ?? "", from, to);
    return { source: ids, target: tokenizer.tag(to), limit: 2 * ids.length + 10 };
  });
  const wanted = await translate(on("cpu"), rows);
  return agreement(
    folder,
    precision,
    await translate(on(device), rows),
    wanted.map(({ ids }) => ids),
  );
}

interface Speed {
  readonly engine: string;
  readonly rows: number;
  /** Of all rows together. */
  readonly tokensPerSecond: number;
  /** Milliseconds of one batch. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

const speed = (engine: string, rows: number, tokens: number, durations: readonly number[]): Speed => {
  const { p50, p95, p99 } = quantiles(durations);
  const total = durations.reduce((sum, duration) => sum + duration, 0) / 1_000;
  return { engine, rows, tokensPerSecond: (tokens * rows * durations.length) / total, p50, p95, p99 };
};

async function measure(folder: string, batches: readonly number[], tokens: number): Promise<Speed[]> {
  const model = describeModel(folder, { ...identity, precision, device });
  const began = performance.now();
  const engine = await openEngine({ model, workers: 1, intraOpThreads: 1 });
  console.log(`The model is loaded after ${((performance.now() - began) / 1_000).toFixed(1)} s.`);
  const speeds: Speed[] = [];
  for (const rows of batches) {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return 100 + (seed % 200_000);
    };
    const batch = (): Row[] =>
      Array.from({ length: rows }, () => ({
        source: [random(), ...Array.from({ length: tokens - 2 }, random), model.eos],
        target: random(),
        limit: tokens,
      }));
    // The first run of a shape chooses its kernels.
    for (let warm = 0; warm < 2; warm++) await engine.run(0, batch());
    const durations: number[] = [];
    let made = 0;
    for (const until = performance.now() + Number(values.seconds) * 1_000; performance.now() < until; ) {
      const work = batch();
      const started = performance.now();
      const outputs = await engine.run(0, work);
      durations.push(performance.now() - started);
      made += outputs.reduce((sum, { ids }) => sum + ids.length, 0);
    }
    speeds.push(speed("meeshy", rows, made / durations.length / rows, durations));
  }
  await engine.close();
  return speeds;
}

const peerAnswer = z.array(z.object({ rows: z.int(), seconds: z.array(z.number()) }));

/** The same shape, batches and lengths in transformers' own generate(), in half precision on the same card. */
function transformers(python: string, batches: readonly number[], tokens: number): Speed[] {
  const script = new URL("./transformers_cuda_peer.py", import.meta.url).pathname;
  const input = JSON.stringify({ batches, tokens, seconds: Number(values.seconds) });
  const { status, stdout, stderr } = spawnSync(python, [script], { input, encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) {
    console.error(`Left out: transformers. ${stderr.trim().split("\n").at(-1)}`);
    return [];
  }
  return peerAnswer.parse(JSON.parse(stdout)).map(({ rows, seconds }) =>
    speed(
      "transformers",
      rows,
      tokens,
      seconds.map((one) => one * 1_000),
    ),
  );
}

const exports: readonly [CheckpointName, Precision][] = [
  ["nllb", "fp32"],
  ["nllb", "fp16"],
  ["nllb", "int8"],
  ["t5", "fp32"],
  ["t5", "int8"],
  ["mt5", "fp32"],
  ["mt5", "fp16"],
  ["madlad", "fp32"],
  ["madlad", "int8"],
];
const agreements: Agreement[] = [];
async function check(work: Promise<Agreement>, what: string): Promise<void> {
  try {
    agreements.push(await work);
  } catch (error) {
    console.error(what, error);
    process.exitCode = 1;
  }
}
if (!values["only-speed"]) {
  for (const [name, precision] of exports) await check(checkpoint(name, precision), `${name} ${precision}`);
  await check(small(embeddedModel, "int8"), "embedded int8");
  for (const folder of values.small) {
    for (const precision of ["fp32", "fp16"] as const) {
      const suffix = precision === "fp16" ? "_fp16" : "";
      if (existsSync(`${folder}/onnx/encoder_model${suffix}.onnx`)) await check(small(folder, precision), folder);
    }
  }
  console.log(
    table([
      [`on ${device}`, "precision", "the same", "of"],
      ...agreements.map(({ model, precision, same, of }) => [model, precision, same, of]),
    ]),
  );
}
// Where two tokens are nearly as likely, a card may say the other: it multiplies fp32 as TF32, and rounds eight bits differently.
if (agreements.some(({ precision, same, of }) => precision !== "int8" && same < of - 1)) process.exitCode = 1;

const speeds: Speed[] = [];
if (values.model !== undefined) {
  const batches = values.batches.split(",").map(Number);
  const tokens = Number(values.tokens);
  speeds.push(...(await measure(values.model, batches, tokens)));
  if (values.python !== undefined) speeds.push(...transformers(values.python, batches, tokens));
  const peer = (rows: number) => speeds.find((one) => one.engine === "transformers" && one.rows === rows);
  console.log(
    table([
      ["engine", "rows", "tokens/s", "ours / theirs", "p50 ms", "p95 ms", "p99 ms"],
      ...speeds.map(({ engine, rows, tokensPerSecond, p50, p95, p99 }) => [
        engine,
        rows,
        Math.round(tokensPerSecond),
        engine === "meeshy" && peer(rows) !== undefined ? tokensPerSecond / (peer(rows)?.tokensPerSecond ?? 1) : "",
        p50,
        p95,
        p99,
      ]),
    ]),
  );
}
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ device, precision, agreements, speeds }, null, 2)}\n`);
}
