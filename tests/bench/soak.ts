import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { growthOf } from "../../scripts/bench/growth.ts";
import { pace } from "../../scripts/bench/pace.ts";
import { scrape, sumOf } from "../../scripts/bench/prometheus.ts";
import { table } from "../../scripts/bench/quantiles.ts";
import { type InferenceProcess, startInference } from "../../scripts/local/inference.ts";
import { choosePort } from "../../scripts/local/ports.ts";
import { randomFrom } from "../delivery/clock.ts";
import { allMessages } from "./messages.ts";
import { type Kind, kindsOfCalls, outcomeOf } from "./soak-calls.ts";

const cacheBytes = 4_000_000;

const usage = `The inference server for a long time under a steady mixed load: live messages, batches and streams, calls that are given up or late,
texts that are too large, languages that nobody knows. Does its memory come to rest, and does it answer everybody as it should?

  npm run bench:soak -- [--minutes N] [--rate N] [--every N] [--bound N] [--json FILE]

  --minutes N   how long (default 10)
  --rate N      live calls a second; everything else in proportion (default 20)
  --every N     seconds between two samples (default 5)
  --bound N     MB by which the median memory (RSS) of the last third may exceed that of the second third (default 16)
  --json FILE   the same numbers for machines

The exit code is 1 when memory grows beyond the bound, or when a call ends in a way that is wrong for its kind. The server's cache is
kept to ${cacheBytes / 1e6} MB, so that it is full before the second third of ten minutes begins: a cache that fills is no leak.`;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    rate: { type: "string", default: "20" },
    every: { type: "string", default: "5" },
    bound: { type: "string", default: "16" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [minutes, rate] = [Number(values.minutes), Number(values.rate)];
const [every, bound] = [Number(values.every), Number(values.bound)];
const seconds = minutes * 60;
/** Calls of a kind that may be under way; a server that cannot keep up is not buried, and the table says what was left out. */
const mostUnderWay = 50;
/** Milliseconds in which the queue has to be empty again once nobody calls. */
const drainMs = 30_000;

interface SoakSample {
  readonly seconds: number;
  /** Megabytes. */
  readonly rss: number;
  readonly heap: number;
  readonly external: number;
  readonly cache: number;
  /** 99th percentile of the event loop's delay since the sample before, in milliseconds. */
  readonly lagMs: number;
  /** Sentences that wait. */
  readonly queue: number;
}

async function sample(server: InferenceProcess, startedAt: number): Promise<SoakSample> {
  const samples = await scrape(server);
  const megabytes = (name: string) => sumOf(samples, name) / 1e6;
  const lag = sumOf(samples, "meeshy_inference_event_loop_lag_p99_seconds");
  return {
    seconds: (performance.now() - startedAt) / 1_000,
    rss: megabytes("process_resident_memory_bytes"),
    heap: megabytes("nodejs_heap_size_used_bytes"),
    external: megabytes("nodejs_external_memory_bytes"),
    cache: megabytes("meeshy_inference_cache_bytes"),
    lagMs: Number.isFinite(lag) ? lag * 1_000 : 0,
    queue: sumOf(samples, "meeshy_inference_queue_depth"),
  };
}

/** How the calls of a kind ended; "left out" are those that were not made because too many were under way. */
type Tally = Record<string, number>;

/** Calls for as long as the soak takes; each kind at its own pace. */
async function load(kinds: readonly Kind[]): Promise<Map<Kind, Tally>> {
  const tallies = new Map(kinds.map((kind): [Kind, Tally] => [kind, {}]));
  await Promise.all(
    Array.from(tallies, async ([kind, tally]) => {
      const perSecond = rate * kind.share;
      const underWay = new Set<Promise<void>>();
      const count = (outcome: string) => {
        tally[outcome] = (tally[outcome] ?? 0) + 1;
      };
      await pace({ count: Math.ceil(seconds * perSecond), intervalMs: 1_000 / perSecond }, () => {
        if (underWay.size >= mostUnderWay) return count("left out");
        const ended = outcomeOf(kind)
          .then(count)
          .finally(() => underWay.delete(ended));
        underWay.add(ended);
      });
      await Promise.all(underWay);
    }),
  );
  return tallies;
}

/** Samples until the load is over. */
async function watch(server: InferenceProcess, ended: Promise<unknown>): Promise<SoakSample[]> {
  const startedAt = performance.now();
  const samples: SoakSample[] = [];
  const between = Math.max(1, Math.round(seconds / every / 20));
  const over = ended.then(() => true);
  for (let isOver = false; !isOver; ) {
    const now = await sample(server, startedAt);
    samples.push(now);
    if (samples.length % between === 1 || between === 1) {
      console.log(`  ${(now.seconds / 60).toFixed(1)} min: ${now.rss.toFixed(0)} MB, ${now.queue} in the queue`);
    }
    isOver = await Promise.race([over, pause(every * 1_000).then(() => false)]);
  }
  return samples;
}

/** Sentences that still wait when the queue should long be empty. */
async function leftInQueue(server: InferenceProcess): Promise<number> {
  const deadline = performance.now() + drainMs;
  for (;;) {
    const { queue } = await sample(server, 0);
    if (queue === 0 || performance.now() > deadline) return queue;
    await pause(200);
  }
}

/** Runs a server of its own under the load, and ends it whatever happens. */
async function soak() {
  const folder = mkdtempSync(join(tmpdir(), "meeshy-soak-"));
  const random = randomFrom(1);
  const corpus = allMessages();
  const phrase = () => corpus[Math.floor(random() * corpus.length)]?.get("en") ?? "";
  const server = await startInference(folder, await choosePort(0), { CACHE_MAX_BYTES: String(cacheBytes) });
  try {
    // Two phrases that have hardly ever met: no cache knows them.
    const loading = load(kindsOfCalls(server, () => `${phrase()} ${phrase()}`, random));
    const [samples, tallies] = await Promise.all([watch(server, loading), loading]);
    return { samples, tallies, left: await leftInQueue(server) };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log(`${minutes} minutes at ${rate} live calls/s and what goes with them.`);
const { samples, tallies, left } = await soak();
const growth = growthOf(samples.map(({ seconds, rss: value }) => ({ seconds, value })));
const wrong = Array.from(tallies, ([{ right }, tally]) =>
  Object.entries(tally).reduce((sum, [outcome, count]) => sum + (isRight(outcome, right) ? 0 : count), 0),
).reduce((sum, count) => sum + count, 0);
const outcomes = [...new Set(Array.from(tallies.values(), (tally) => Object.keys(tally)).flat())].toSorted();
const shown = samples.filter((_, index) => index % Math.ceil(samples.length / 20) === 0);
console.log(
  `\n${table([
    ["min", "RSS MB", "heap MB", "external MB", "cache MB", "lag p99 ms", "queue"],
    ...shown.map((one) => [
      (one.seconds / 60).toFixed(1),
      one.rss,
      one.heap,
      one.external,
      one.cache,
      one.lagMs,
      one.queue,
    ]),
  ])}\n\n${table([
    ["calls", "wrong", ...outcomes],
    ...Array.from(tallies, ([{ name, right }, tally]) => [
      name,
      Object.keys(tally)
        .filter((outcome) => !isRight(outcome, right))
        .join(" "),
      ...outcomes.map((outcome) => tally[outcome] ?? 0),
    ]),
  ])}`,
);
const grown = growth.lastThird - growth.secondThird;
console.log(`
RSS: median of the first tenth ${growth.first.toFixed(1)} MB, of the last ${growth.last.toFixed(1)} MB; slope of the second half ${growth.perHour.toFixed(1)} MB/h
last third ${growth.lastThird.toFixed(1)} MB, second third ${growth.secondThird.toFixed(1)} MB: ${grown.toFixed(1)} MB more, ${bound} allowed: ${grown <= bound ? "at rest" : "GROWS"}
calls that ended wrongly: ${wrong}; sentences left in the queue: ${left}`);
if (values.json !== undefined) {
  const calls = Array.from(tallies, ([{ name }, tally]) => ({ name, ...tally }));
  const result = { cpu: cpus()[0]?.model, minutes, rate, bound, growth, wrong, left, calls, samples };
  writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
}
process.exit(grown <= bound && wrong === 0 && left === 0 ? 0 : 1);

function isRight(outcome: string, right: readonly string[]): boolean {
  return outcome === "left out" || right.includes(outcome);
}
