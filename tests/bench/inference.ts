import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Row } from "../../inference/engine/messages.ts";
import { openEngine } from "../../inference/engine/pool.ts";
import { describeModel, readJsonObject } from "../../inference/models/description.ts";
import { ModelTokenizer } from "../../inference/models/tokenizer.ts";
import { embeddedModel, openFolder } from "../../inference/translation-node.ts";
import { languageCodes } from "../../proto/languages.ts";
import { median, quantiles, table } from "../../scripts/bench/quantiles.ts";
import { heldOutMessages } from "./messages.ts";

const usage = `The embedded model in our engine, in CTranslate2 and in transformers.js: the same sentences, the same tokens, int8, greedy, one run
after another in turn. Peers that are not there are left out.

  npm run bench:inference -- [--runs N] [--sentences N] [--json FILE]

  --runs N          rounds; the median of each figure counts (default 3)
  --sentences N     sentences of the evaluation set, into a language each (default 1000)
  --checkpoint F    PyTorch checkpoint of the model, for CTranslate2 (default .cache/training/run/checkpoint.pt)
  --python F        Python with ctranslate2, torch and transformers (default .cache/training/venv/bin/python)
  --transformers D  folder in which npm has installed @huggingface/transformers (default .cache/peers)
  --json FILE       the same numbers for machines`;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "3" },
    sentences: { type: "string", default: "1000" },
    checkpoint: { type: "string", default: ".cache/training/run/checkpoint.pt" },
    python: { type: "string", default: ".cache/training/venv/bin/python" },
    transformers: { type: "string", default: ".cache/peers" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

/** Rows in a batch, and sentences that are translated one at a time. */
const [batchSize, singles] = [32, 100];
const threads = 2;

interface Sentence {
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly row: Row;
}

interface Figures {
  readonly engine: string;
  /** Sentences and tokens of output per second, on all cores. */
  readonly perSecond: number;
  readonly tokensPerSecond: number;
  /** Milliseconds for one sentence at a time, on one core. */
  readonly single: readonly number[];
}

const model = describeModel(embeddedModel);
const tokenizer = new ModelTokenizer(
  {
    tokenizer: readJsonObject(`${model.folder}/tokenizer.json`),
    config: readJsonObject(`${model.folder}/tokenizer_config.json`),
  },
  model,
);
const pairs = languageCodes.flatMap((from) =>
  languageCodes.filter((to) => to !== from).map((to) => [from, to] as const),
);
const sentences = readSentences(Number(values.sentences));

/** Our engine alone: tokens in, tokens out. */
async function ours(): Promise<Figures> {
  const engine = await openEngine({ model, workers: threads, intraOpThreads: 1 });
  const batches = inBatches(sentences.map(({ row }) => row));
  await engine.run(0, batches[0] ?? []);
  await engine.run(1, batches[0] ?? []);
  let tokens = 0;
  const queue = batches[Symbol.iterator]();
  const began = performance.now();
  await Promise.all(
    Array.from({ length: threads }, async (_, lane) => {
      for (const batch of queue) {
        for (const { ids } of await engine.run(lane, batch)) tokens += ids.length + 1;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  const single = await oneByOne(async ({ row }) => void (await engine.run(0, [row])));
  await engine.close();
  return { engine: "meeshy", perSecond: sentences.length / seconds, tokensPerSecond: tokens / seconds, single };
}

/** The whole pipeline of a node: segments, protected spans, quality gate, batching; nothing cached. */
async function pipeline(): Promise<Figures> {
  const options = { workers: threads, intraOpThreads: 1, batchSize, batchTokens: 65_536, maxQueue: 1_000_000 };
  const node = await openFolder(embeddedModel, { ...options, cacheBytes: 0, cacheTtlMs: 1 });
  const ask = ({ text, from, to }: Sentence) =>
    node.translate({ text, sourceLanguage: from, targetLanguages: [to], hints: [] });
  await Promise.all(sentences.slice(0, 64).map(ask));
  const began = performance.now();
  await Promise.all(sentences.map(ask));
  const seconds = (performance.now() - began) / 1_000;
  const single = await oneByOne(async (sentence) => void (await ask(sentence)));
  await node.close();
  return { engine: "meeshy, whole pipeline", perSecond: sentences.length / seconds, tokensPerSecond: 0, single };
}

const peerResult = z.object({
  version: z.string(),
  seconds: z.number(),
  single: z.array(z.number()),
  tokens: z.number(),
});

/** With the translations' scores, without which nobody can tell a good one from a bad one, or as it is called by default. */
async function ctranslate2(wanted: "scores" | "tokens"): Promise<Figures | undefined> {
  const rows = sentences.map(({ row }) => ({ source: row.source, target: row.target }));
  const script = new URL("./ctranslate2_peer.py", import.meta.url).pathname;
  const vocabulary = values.checkpoint.replace(/[^/]*$/, "sentencepiece.model");
  const output = await runPeer(
    values.python,
    [script, values.checkpoint, vocabulary, String(threads), wanted],
    JSON.stringify({ rows, batch: batchSize, single: singles }),
  );
  return output && figures(`CTranslate2 ${output.version}, ${wanted}`, output);
}

async function transformersJs(): Promise<Figures | undefined> {
  const rows = sentences.slice(0, 200).map(({ text, from, to }) => ({
    text,
    from: model.languages[from],
    to: model.languages[to],
  }));
  const script = new URL("./transformers-peer.mjs", import.meta.url).pathname;
  const output = await runPeer(
    process.execPath,
    [script, values.transformers, model.folder],
    JSON.stringify({ rows, single: singles }),
  );
  return output && figures(`transformers.js ${output.version}`, output, rows.length);
}

const figures = (engine: string, peer: z.infer<typeof peerResult>, count = sentences.length): Figures => ({
  engine,
  perSecond: count / peer.seconds,
  tokensPerSecond: peer.tokens / peer.seconds,
  single: peer.single.map((seconds) => seconds * 1_000),
});

/** Runs a peer in a process of its own; undefined when it is not there. */
async function runPeer(
  command: string,
  args: readonly string[],
  input: string,
): Promise<z.infer<typeof peerResult> | undefined> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  // A peer that ends early takes no more input.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.on("error", () => resolve("missing")).on("close", resolve));
  if (code === 0) return peerResult.parse(JSON.parse(Buffer.concat(chunks).toString()));
  console.error(
    `Left out: ${command} ${args[0]} (${code}). ${Buffer.concat(complaints).toString().trim().split("\n").at(-1)}`,
  );
  return undefined;
}

async function oneByOne(translate: (sentence: Sentence) => Promise<void>): Promise<number[]> {
  const durations: number[] = [];
  for (const sentence of sentences.slice(0, singles)) {
    const began = performance.now();
    await translate(sentence);
    durations.push(performance.now() - began);
  }
  return durations;
}

/** Batches of sentences that are alike in length, as CTranslate2 makes them. */
function inBatches(rows: readonly Row[]): Row[][] {
  const sorted = rows.toSorted((one, other) => one.source.length - other.source.length);
  return Array.from({ length: Math.ceil(sorted.length / batchSize) }, (_, index) =>
    sorted.slice(index * batchSize, (index + 1) * batchSize),
  );
}

function readSentences(count: number): Sentence[] {
  const rows = heldOutMessages();
  return Array.from({ length: count }, (_, index): Sentence => {
    const [from, to] = pairs[(index * 13) % pairs.length] ?? ["en", "fr"];
    const text = rows[index % rows.length]?.get(from) ?? "";
    const { ids } = tokenizer.encode(text, from, to);
    return { text, from, to, row: { source: ids, target: tokenizer.tag(to), limit: 2 * ids.length + 10 } };
  });
}

const programs = [ours, pipeline, () => ctranslate2("scores"), () => ctranslate2("tokens"), transformersJs];
const rounds: Figures[] = [];
for (let round = 0; round < Number(values.runs); round++) {
  for (const program of programs) {
    const measured = await program();
    if (measured !== undefined) rounds.push(measured);
    await pause(200);
  }
}

const engines = [...new Set(rounds.map(({ engine }) => engine))].map((engine) => {
  const own = rounds.filter((one) => one.engine === engine);
  const single = quantiles(own.flatMap((one) => one.single));
  return {
    engine,
    perSecond: median(own.map((one) => one.perSecond)),
    tokensPerSecond: median(own.map((one) => one.tokensPerSecond)),
    ...single,
  };
});
const mine = engines[0];
console.log(
  `${model.name} ${model.version}, ${sentences.length} sentences, batches of ${batchSize} on ${threads} cores; one at a time on one core\n`,
);
console.log(
  table([
    ["engine", "sentences/s", "tokens/s", "ours / theirs", "p50 ms", "p95 ms", "p99 ms"],
    ...engines.map(({ engine, perSecond, tokensPerSecond, p50, p95, p99 }) => [
      engine,
      Math.round(perSecond),
      tokensPerSecond === 0 ? "" : Math.round(tokensPerSecond),
      (mine?.perSecond ?? 0) / perSecond,
      p50,
      p95,
      p99,
    ]),
  ]),
);
if (values.json !== undefined) {
  writeFileSync(
    values.json,
    `${JSON.stringify({ cpu: cpus()[0]?.model, model: model.version, engines, rounds }, null, 2)}\n`,
  );
}
