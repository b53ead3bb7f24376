import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { WebSocketServer } from "ws";
import { startStack } from "../local/stack.ts";
import { openSocket, register, startConversation } from "./client.ts";
import { pace } from "./pace.ts";
import { type Quantiles, quantiles, table } from "./quantiles.ts";

const usage = `Two people at a steady pace, on a whole stack of their own: how long until the other one sees a message, and until it
is there in their language. Beside it, in the same run, a bare relay on \`ws\` that neither stores nor translates.

  npm run bench:delivery -- [--seconds N] [--rate N] [--json FILE]

  --seconds N   length of each run (default 60)
  --rate N      messages per second (default 1)
  --json FILE   the same numbers for machines`;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    rate: { type: "string", default: "1" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const messages = Math.round(Number(values.seconds) * Number(values.rate));
const steps = { count: messages, intervalMs: 1_000 / Number(values.rate) };

const sentences = [
  "Good morning, how are you?",
  "I will be ten minutes late.",
  "Can you buy some bread on your way home?",
  "See you at the station tomorrow.",
  "Thank you so much for your help!",
  "The meeting starts at 18:30, @bob.",
  "I am tired, let's go home.",
  "What did you eat for lunch?",
];

async function measureMeeshy(): Promise<{
  delivery: Quantiles;
  translation: Quantiles;
  uncached: Quantiles;
  lost: number;
  /** From the start of an empty stack until the first translation is read, sign-up included, in milliseconds. */
  firstTranslation: number;
}> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "meeshy-bench-"));
  const options = { dataDirectory, port: 0, inferencePort: 0, reset: false, demo: false, environment: process.env };
  const startedAt = performance.now();
  const stack = await startStack(options);
  try {
    const [writer, reader] = await Promise.all([register(stack.url, "en"), register(stack.url, "fr")]);
    const conversation = await startConversation(stack.url, writer, [reader]);
    const arrived = new Map<string, number>();
    const translated = new Map<string, number>();
    const ids = new Map<string, string>();
    const here = await openSocket(stack.url, writer, conversation, () => {});
    const there = await openSocket(stack.url, reader, conversation, (event, at) => {
      if (event.case === "messageReceive") {
        arrived.set(event.value.clientMessageId, at);
        ids.set(event.value.id, event.value.clientMessageId);
      } else if (event.case === "messageTranslation") {
        translated.set(ids.get(event.value.messageId) ?? "", at);
      }
    });
    // Every other message is new to every cache, by a number of its own.
    const textOf = (index: number) =>
      (sentences[index % sentences.length] ?? "") + (index % 2 === 0 ? "" : ` That makes ${index + 2} of us now.`);
    const intended = await pace(steps, (index) => here.send(textOf(index), String(index)));
    const deadline = performance.now() + 5_000;
    while (translated.size < messages && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    here.close();
    there.close();
    const since = (times: ReadonlyMap<string, number>, keep: (index: number) => boolean) =>
      intended.flatMap((at, index) => {
        const seen = times.get(String(index));
        return seen === undefined || !keep(index) ? [] : [seen - at];
      });
    return {
      delivery: quantiles(since(arrived, () => true)),
      translation: quantiles(since(translated, () => true)),
      uncached: quantiles(since(translated, (index) => index % 2 === 1)),
      lost: messages - arrived.size,
      firstTranslation: Math.min(...translated.values()) - startedAt,
    };
  } finally {
    await stack.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

async function measureRelay(): Promise<Quantiles> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => {
    socket.on("message", (data) => {
      for (const client of server.clients) client.send(data, { binary: false });
    });
  });
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const { WebSocket } = await import("undici");
  const [here, there] = [new WebSocket(`ws://127.0.0.1:${port}`), new WebSocket(`ws://127.0.0.1:${port}`)];
  await Promise.all([once(here, "open"), once(there, "open")]);
  const arrived = new Map<number, number>();
  there.addEventListener("message", ({ data }) => arrived.set(Number(JSON.parse(String(data)).id), performance.now()));
  const intended = await pace(steps, (id) => here.send(JSON.stringify({ id, text: sentences[id % sentences.length] })));
  await new Promise((resolve) => setTimeout(resolve, 200));
  here.close();
  there.close();
  server.close();
  return quantiles(intended.flatMap((at, index) => [(arrived.get(index) ?? Number.POSITIVE_INFINITY) - at]));
}

console.log(`${messages} messages at ${values.rate}/s, twice: about ${2 * Number(values.seconds) + 20} s.\n`);
const meeshy = await measureMeeshy();
const relay = await measureRelay();
const row = (name: string, { count, p50, p95, p99, max }: Quantiles) => [name, count, p50, p95, p99, max];
console.log(
  table([
    ["milliseconds from the intended time", "n", "p50", "p95", "p99", "max"],
    row("original delivered (durable)", meeshy.delivery),
    row("translation delivered", meeshy.translation),
    row("  of those no cache knew", meeshy.uncached),
    row("ws relay (memory only)", relay),
    [
      "delivery / ws relay",
      "",
      meeshy.delivery.p50 / relay.p50,
      meeshy.delivery.p95 / relay.p95,
      meeshy.delivery.p99 / relay.p99,
      "",
    ],
  ]),
);
console.log(`\nlost: ${meeshy.lost}`);
console.log(`first translation after an empty stack began to start: ${(meeshy.firstTranslation / 1000).toFixed(1)} s`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ messages, meeshy, relay }, null, 2)}\n`);
process.exit(meeshy.lost === 0 ? 0 : 1);
