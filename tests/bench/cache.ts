import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { type Account, type BenchSocket, openSocket, register, startConversation } from "../../scripts/bench/client.ts";
import { pace, untilQuiet } from "../../scripts/bench/pace.ts";
import { scrape, sumOf } from "../../scripts/bench/prometheus.ts";
import { table } from "../../scripts/bench/quantiles.ts";
import type { Stack } from "../../scripts/local/stack.ts";
import { newStack } from "../support/stack.ts";
import { assumptions, type Chat, makeChat, type Opening } from "./chat.ts";
import { allMessages } from "./messages.ts";
import { Readings } from "./readings.ts";

const usage = `A made-up chat through the whole stack: which share of what people read in their language needed no inference of its own, and which
cache answered. Every replay has a stack of its own that begins with empty caches.

  npm run bench:cache -- [--messages N] [--rate N] [--exponents LIST] [--seed N] [--json FILE]

  --messages N      messages of a replay (default 2000)
  --rate N          messages a second, over all conversations (default 40)
  --exponents LIST  of Zipf's law, with commas; "none": no text comes twice (default 0.8,1.0,1.2,none)
  --seed N          another chat of the same kind (default 1)
  --json FILE       the same numbers for machines

What it takes for granted, and nobody has observed (tests/bench/chat.ts):
  ${assumptions.people} people in ${assumptions.sizes.length * assumptions.roomsOfEachSize} conversations of ${assumptions.sizes.join(", ")}; they read, per cent: ${Object.entries(
    assumptions.languages,
  )
    .map(([code, share]) => `${code} ${share}`)
    .join(", ")}
  ${assumptions.presentFromTheStart * 100} % have a conversation open when it begins, the others join at some time; each opens it anew after some
  ${assumptions.messagesBetweenOpenings} of its messages and sees the newest page (50 messages) again, ${assumptions.readsFurtherBack * 100} % of the times one page further back too
  what is said is drawn from the repository's messages by Zipf's law over their ranks, given at random, in the author's language`;

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "2000" },
    rate: { type: "string", default: "40" },
    exponents: { type: "string", default: "0.8,1.0,1.2,none" },
    seed: { type: "string", default: "1" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [messages, rate, seed] = [Number(values.messages), Number(values.rate), Number(values.seed)];
const exponents = values.exponents.split(",").map((word) => (word === "none" ? undefined : Number(word)));
/** Milliseconds without an event after which a replay is over. */
const quietMs = 3_000;
/** Share of translated reads, per cent, that is to need no inference. */
const bar = 80;

/** Plays a chat through a stack, and keeps account of what its people are shown. */
async function play(stack: Stack, chat: Chat): Promise<Readings> {
  const accounts: Account[] = [];
  for (const language of chat.people) accounts.push(await register(stack.url, language));
  const account = (person: number): Account => {
    const found = accounts[person];
    if (found === undefined) throw new Error(`There is no person ${person}.`);
    return found;
  };
  const rooms: string[] = [];
  for (const [owner, ...others] of chat.rooms) {
    if (owner === undefined) throw new Error("A conversation needs somebody.");
    const invited = others.map(({ person }) => account(person));
    rooms.push(await startConversation(stack.url, account(owner.person), invited));
  }
  const readings = new Readings();
  const sockets = new Map<string, Promise<BenchSocket>>();
  const seat = (room: number, person: number) => `${room} ${person}`;

  /** Opens a conversation for somebody, or closes it and opens it anew. */
  async function open({ room, member, readsFurtherBack }: Opening): Promise<BenchSocket> {
    (await sockets.get(seat(room, member.person)))?.close();
    const size = chat.rooms[room]?.length ?? 0;
    const page = Promise.withResolvers<number>();
    const socket = await openSocket(stack.url, account(member.person), rooms[room] ?? "", (event) => {
      readings.take(event, member.person, size);
      if (event.case === "sync") page.resolve(event.value.messages[0]?.offset ?? 0);
    });
    const before = readsFurtherBack ? await page.promise : 0;
    if (before > 0) socket.page(before);
    return socket;
  }
  const reopen = (opening: Opening) => sockets.set(seat(opening.room, opening.member.person), open(opening));

  for (const opening of chat.openings) reopen(opening);
  await Promise.all(sockets.values());
  const sends: Promise<void>[] = [];
  await pace({ count: messages, intervalMs: 1_000 / rate }, (index) => {
    const step = chat.steps[index];
    if (step === undefined) return;
    for (const opening of step.openings) reopen(opening);
    const socket = sockets.get(seat(step.room, step.author.person));
    sends.push(
      (socket ?? Promise.reject(new Error("An author is away."))).then((open) => open.send(step.text, `${index}`)),
    );
    if (index % Math.ceil(messages / 4) === 0) console.log(`  ${index} of ${messages} messages`);
  });
  await Promise.all(sends);
  await untilQuiet(() => readings.events, quietMs);
  for (const socket of await Promise.all(sockets.values())) socket.close();
  return readings;
}

/** What one replay came to. */
async function replay(exponent: number | undefined) {
  const chat = makeChat({ messages, exponent, corpus: allMessages(), seed });
  const stack = await newStack({ environment: process.env });
  try {
    const readings = await play(stack, chat);
    if (stack.inference === undefined)
      throw new Error("It needs an inference server of its own; unset INFERENCE_NODES.");
    const [worker, node] = await Promise.all([scrape({ url: stack.url }), scrape(stack.inference)]);
    const inferred = (status: string) => sumOf(node, "meeshy_inference_translations_total", { cache: "miss", status });
    const answered = (cache: string) =>
      sumOf(worker, "meeshy_translations_total", { cache, status: "translated" }) +
      sumOf(worker, "meeshy_translations_total", { cache, status: "low_confidence" });
    const { translated, doubted, firstSights, bySize } = readings;
    return {
      name: exponent === undefined ? "no repetition" : `exponent ${exponent.toFixed(1)}`,
      texts: chat.texts,
      translated,
      doubted,
      firstSights,
      /** Translations that the model made: sure of them, and in doubt. */
      inferences: { translated: inferred("translated"), doubted: inferred("low_confidence") },
      tiers: { room: answered("room"), shared: answered("shared"), node: answered("node"), model: answered("none") },
      failures: sumOf(worker, "meeshy_fleet_errors_total"),
      bySize: Object.fromEntries(bySize),
    };
  } finally {
    await stack.close();
  }
}

type Result = Awaited<ReturnType<typeof replay>>;

/** Per cent of reads that needed no inference of their own. */
const share = (inferences: number, reads: number): number => (reads === 0 ? 0 : (1 - inferences / reads) * 100);
const readsOf = ({ live, onPages }: Result["translated"]): number => live + onPages;
const hitRate = (hits: number, asked: number): string =>
  `${hits} (${asked === 0 ? "–" : ((hits / asked) * 100).toFixed(1)} %)`;

function describe(results: readonly Result[]): string {
  const reads = table([
    [
      "translated reads",
      "texts",
      "reads",
      "live",
      "on pages",
      "inferences",
      "without inference %",
      "live only %",
      "first sight %",
      "with doubted %",
    ],
    ...results.map((one) => {
      const { translated, doubted, inferences, firstSights } = one;
      return [
        one.name,
        one.texts,
        readsOf(translated),
        translated.live,
        translated.onPages,
        inferences.translated,
        share(inferences.translated, readsOf(translated)),
        share(inferences.translated, translated.live),
        share(inferences.translated, firstSights),
        share(inferences.translated + inferences.doubted, readsOf(translated) + readsOf(doubted)),
      ];
    }),
  ]);
  const layers = table([
    [
      "translations that rooms asked for",
      "asked",
      "room's cache",
      "shared cache",
      "inference server's",
      "left to the model",
      "fleet errors",
    ],
    ...results.map(({ name, tiers: { room, shared, node, model }, failures }) => [
      name,
      room + shared + node + model,
      hitRate(room, room + shared + node + model),
      hitRate(shared, shared + node + model),
      hitRate(node, node + model),
      model,
      failures,
    ]),
  ]);
  const sizes = table([
    ["without inference %, by size of the conversation", ...assumptions.sizes],
    ...results.map(({ name, bySize }) => [
      name,
      ...assumptions.sizes.map((size) => share(bySize[size]?.inferred ?? 0, bySize[size]?.reads ?? 0)),
    ]),
  ]);
  return `${reads}\n\n${layers}\n\n${sizes}`;
}

console.log(`${usage.slice(usage.indexOf("What it takes"))}\n`);
const about = Math.round(exponents.length * (messages / rate + 25));
console.log(`${exponents.length} replays of ${messages} messages at ${rate}/s, seed ${seed}: about ${about} s.`);
const results: Result[] = [];
for (const exponent of exponents) {
  console.log(exponent === undefined ? "no repetition" : `exponent ${exponent}`);
  results.push(await replay(exponent));
}
console.log(`\n${describe(results)}`);
console.log(`
A read is a reader being shown a translation: as it comes, or on a page of history. Each translation that the model made counts against
one of them; the others had it from the conversation's log or a cache. "Live only" leaves pages out, "first sight" counts a message
once for each reader, "with doubted" adds what the model was unsure of, where people are shown the original. A cache's per cent are
of what reached it. A call that met a fleet error is made again and may find the first try's answer in the inference server's cache: on
a machine that keeps up there are none.`);
for (const result of results) {
  const reached = share(result.inferences.translated, readsOf(result.translated));
  console.log(`${result.name}: ${reached.toFixed(1)} %; to be above ${bar} %: ${reached > bar ? "met" : "missed"}`);
}
if (values.json !== undefined) {
  const circumstances = { cpu: cpus()[0]?.model, messages, rate, seed, bar, assumptions };
  writeFileSync(values.json, `${JSON.stringify({ ...circumstances, results }, null, 2)}\n`);
}
process.exit(0);
