import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type Account, openSocket, register, startConversation } from "../../scripts/bench/client.ts";
import { pace, untilQuiet } from "../../scripts/bench/pace.ts";
import { scrape, sumOf } from "../../scripts/bench/prometheus.ts";
import { median, type Quantiles, quantiles, table } from "../../scripts/bench/quantiles.ts";
import type { Stack } from "../../scripts/local/stack.ts";
import { randomFrom } from "../delivery/clock.ts";
import { newStack } from "../support/stack.ts";
import { allMessages, shuffled } from "./messages.ts";

const usage = `New messages at a steady pace, and one who reads another language: how long until each is on their socket in it. The whole
stack (Worker in workerd, database, shared cache, inference server with the embedded model), over real sockets on this machine.
Open loop: the time counts from when a message was due to be sent.

  npm run bench:reader -- [--seconds N] [--rate N] [--runs N] [--json FILE]

  --seconds N   length of a run (default 20)
  --rate N      messages a second in one conversation, from as many writers as that takes (default 50)
  --runs N      runs, each in a conversation of its own; the median of each figure counts (default 3)
  --json FILE   the same numbers for machines

Each message is a sentence of the repository's corpus that is sent once and never again, in English, to a reader of French. No
message may be known to any cache: the servers' own counters say so, and the exit code is 1 when one was, or when a translation
never came.`;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    rate: { type: "string", default: "50" },
    runs: { type: "string", default: "3" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [seconds, rate, runs] = [Number(values.seconds), Number(values.rate), Number(values.runs)];
const steps = { count: Math.round(seconds * rate), intervalMs: 1_000 / rate };
/** Below what one person may write to a conversation: 20 a second. */
const writers = Math.ceil(rate / 15);
/** Messages before the first run, so that it does not measure what runs for the first time. */
const warmup = { count: 100, intervalMs: 40 };
/** Milliseconds without a translation after which none is waited for any more. */
const quietMs = 5_000;
const [writingLanguage, readingLanguage] = ["en", "fr"];
/** 95th percentile, in milliseconds, that is to be kept below. */
const bar = 100;

/** What the servers have counted. */
interface Counts {
  /** Translations that a cache of the room, the shared one or the inference server answered, and sentences asked for twice at a time. */
  readonly room: number;
  readonly shared: number;
  readonly node: number;
  readonly together: number;
  /** Translations that no cache had. */
  readonly uncached: number;
  /** Messages that turned out to need no translation: they are in the reader's language, or hold no words. */
  readonly untranslated: number;
}

interface Run extends Quantiles {
  readonly counts: Counts;
  /** Messages whose translation never came, without those that needed none. */
  readonly lost: number;
}

async function count({ url, inference }: Stack): Promise<Counts> {
  if (inference === undefined) throw new Error("The stack has no inference server of its own; unset INFERENCE_NODES.");
  const [worker, node] = await Promise.all([scrape({ url }), scrape(inference)]);
  const needless = (status: string) =>
    sumOf(node, "meeshy_inference_translations_total", { target: readingLanguage, status });
  return {
    room: sumOf(worker, "meeshy_translations_total", { cache: "room" }),
    shared: sumOf(worker, "meeshy_translations_total", { cache: "shared" }),
    node: sumOf(node, "meeshy_inference_cache_hits_total"),
    together: sumOf(node, "meeshy_inference_queue_shared_total"),
    uncached: sumOf(node, "meeshy_inference_cache_misses_total"),
    untranslated: needless("same_language") + needless("nothing_to_translate"),
  };
}

const difference = (after: Counts, before: Counts): Counts => ({
  room: after.room - before.room,
  shared: after.shared - before.shared,
  node: after.node - before.node,
  together: after.together - before.together,
  uncached: after.uncached - before.uncached,
  untranslated: after.untranslated - before.untranslated,
});

const known = ({ room, shared, node, together }: Counts): number => room + shared + node + together;

/** Sends texts in a conversation of its own and takes the time of each translation. */
async function run(
  stack: Stack,
  people: { readonly authors: readonly Account[]; readonly reader: Account },
  { count: messages, intervalMs }: typeof steps,
  texts: readonly string[],
): Promise<Run> {
  const { authors, reader } = people;
  const [owner, ...others] = authors;
  if (owner === undefined) throw new Error("Somebody has to write.");
  const conversation = await startConversation(stack.url, owner, [...others, reader]);
  const before = await count(stack);
  const indexOf = new Map<string, number>();
  const translatedAt = new Map<number, number>();
  const there = await openSocket(stack.url, reader, conversation, (event, at) => {
    if (event.case === "messageReceive") indexOf.set(event.value.id, Number(event.value.clientMessageId));
    const index = event.case === "messageTranslation" ? indexOf.get(event.value.messageId) : undefined;
    if (index !== undefined) translatedAt.set(index, at);
  });
  const here = await Promise.all(authors.map((author) => openSocket(stack.url, author, conversation, () => {})));
  const intended = await pace({ count: messages, intervalMs }, (index) =>
    here[index % here.length]?.send(texts[index] ?? "", String(index)),
  );
  if (translatedAt.size < messages) await untilQuiet(() => translatedAt.size, quietMs);
  for (const socket of [there, ...here]) socket.close();
  const counts = difference(await count(stack), before);
  const latencies = intended.flatMap((at, index) => {
    const seen = translatedAt.get(index);
    return seen === undefined ? [] : [seen - at];
  });
  return { ...quantiles(latencies), counts, lost: messages - latencies.length - counts.untranslated };
}

const texts = shuffled(allMessages(), randomFrom(1)).map((message) => message.get(writingLanguage) ?? "");
const needed = warmup.count + runs * steps.count;
if (needed > texts.length) {
  console.error(
    `${needed} messages are asked for and there are ${texts.length} different ones: fewer runs or seconds.`,
  );
  process.exit(2);
}
console.log(
  `${runs} runs of ${steps.count} messages at ${rate}/s from ${writers} writers: about ${Math.round(runs * (seconds + 2) + 20)} s.`,
);
const stack = await newStack({ environment: process.env });
const measured: Run[] = [];
try {
  const [reader, ...authors] = await Promise.all(
    Array.from({ length: writers + 1 }, (_, index) =>
      register(stack.url, index === 0 ? readingLanguage : writingLanguage),
    ),
  );
  if (reader === undefined) throw new Error("Somebody has to read.");
  await run(stack, { authors, reader }, warmup, texts.splice(0, warmup.count));
  for (let number = 1; number <= runs; number++) {
    measured.push(await run(stack, { authors, reader }, steps, texts.splice(0, steps.count)));
    console.log(`run ${number} of ${runs}: p95 ${measured.at(-1)?.p95.toFixed(1)} ms`);
  }
} finally {
  await stack.close();
}

const medianOf = (of: (run: Run) => number): number => median(measured.map(of));
const row = (name: string, of: (read: (run: Run) => number) => number) => [
  name,
  of(({ count }) => count),
  of(({ p50 }) => p50),
  of(({ p95 }) => p95),
  of(({ p99 }) => p99),
  of(({ max }) => max),
  of(({ lost }) => lost),
  of(({ counts }) => known(counts)),
];
console.log(
  `\n${table([
    ["ms from the intended time to the translation", "n", "p50", "p95", "p99", "max", "lost", "known to a cache"],
    ...measured.map((one, index) => row(`run ${index + 1}`, (read) => read(one))),
    row("median", medianOf),
  ])}`,
);
const total = (of: (counts: Counts) => number): number => measured.reduce((sum, { counts }) => sum + of(counts), 0);
console.log(`
The servers' own counters: ${total(({ uncached }) => uncached)} translations that the inference server's cache did not have; answered by the room's cache
${total(({ room }) => room)}, by the shared one ${total(({ shared }) => shared)}, by the inference server's ${total(({ node }) => node)}; sentences asked for twice at a time ${total(({ together }) => together)}; messages that needed none ${total(({ untranslated }) => untranslated)}.`);
const p95 = medianOf((one) => one.p95);
console.log(`p95 ${p95.toFixed(1)} ms; to be below ${bar} ms: ${p95 < bar ? "met" : "missed"}`);
if (values.json !== undefined) {
  const result = { cpu: cpus()[0]?.model, cores: cpus().length, rate, seconds, bar, p95, runs: measured };
  writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}
process.exit(total(known) === 0 && measured.every(({ lost }) => lost <= 0) ? 0 : 1);
