import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { TranslationStatus } from "../proto/gen/meeshy/v1/translation_pb.js";
import { scrape, sumOf } from "../scripts/bench/prometheus.ts";
import { type InferenceProcess, startInference } from "../scripts/local/inference.ts";
import { choosePort } from "../scripts/local/ports.ts";
import type { Socket } from "./support/person.ts";
import { type TwoPeople, twoPeople } from "./support/two-people.ts";

const secret = "the nodes of this test know it, and the Worker does";
/** Milliseconds of several heartbeats on a busy machine. */
const patience = { timeout: 60_000 };

let folder: string;
let worker: string;
let people: TwoPeople;
let [here, there]: Socket[] = [];
const nodes: InferenceProcess[] = [];

/** A real inference server in a process of its own that registers with the Worker, whether that is there already or not. */
async function startNode(): Promise<InferenceProcess> {
  const port = await choosePort(0);
  const settings = { FLEET_URL: worker, FLEET_SECRET: secret, NODE_URL: `https://localhost:${port}` };
  const node = await startInference(folder, port, settings);
  nodes.push(node);
  return node;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meeshy-fleet-"));
  const port = await choosePort(0);
  worker = `http://127.0.0.1:${port}`;
  await startNode();
  people = await twoPeople({
    dataDirectory: folder,
    port,
    environment: { INFERENCE_NODES: "", FLEET_SECRET: secret },
  });
  const { english, french, conversation } = people;
  [here, there] = [english.open(conversation), french.open(conversation)];
  await Promise.all([here.connected(), there.connected()]);
});
afterAll(async () => {
  await Promise.all([here, there].map((socket) => socket?.close()));
  await Promise.all(nodes.map((node) => node.close()));
  await people?.stack.close();
  rmSync(folder, { recursive: true, force: true });
});

const listed = z.object({ nodes: z.array(z.object({ url: z.string(), model: z.string(), lanes: z.number() })) });

/** Base URLs of the fleet as the Worker's registry has it. */
async function fleet(): Promise<string[]> {
  const answer = await fetch(`${worker}/api/fleet/nodes`, { headers: { authorization: `Bearer ${secret}` } });
  return listed
    .parse(await answer.json())
    .nodes.map(({ url }) => url)
    .toSorted();
}

/** Calls that a server has answered with a translation. */
const callsOf = async (node: InferenceProcess): Promise<number> =>
  sumOf(await scrape(node), "meeshy_inference_calls_total", { method: "TranslateMessage", status: "ok" });

/** Alice says something new; what Benoît then gets of it in French. */
async function translated(number: number) {
  const sent = await here?.say(`Tram ${number} is late again.`);
  const translation = await there?.until(
    (socket) => socket.all("messageTranslation").find(({ messageId }) => messageId === sent?.messageId),
    patience.timeout,
  );
  return translation?.status;
}

const answers = [TranslationStatus.TRANSLATED, TranslationStatus.LOW_CONFIDENCE];

it("takes in inference servers that start before and after it, and names no other", async () => {
  await expect.poll(fleet, patience).toEqual([nodes[0]?.url]);
  await startNode();
  await expect.poll(fleet, patience).toEqual(nodes.map(({ url }) => url).toSorted());
});

it("sends each of them what people write", async () => {
  let number = 0;
  const everyone = async () => {
    expect(answers).toContain(await translated(number++));
    const calls = await Promise.all(nodes.map(callsOf));
    return calls.every((count) => count > 0);
  };
  await expect.poll(everyone, patience).toBe(true);
});

it("loses no translation while one of them drains, and forgets it at once", async () => {
  const [staying, leaving] = nodes;
  const underWay = Array.from({ length: 20 }, (_, index) => translated(100 + index));
  await leaving?.close();
  expect(await fleet()).toEqual([staying?.url]);
  for (const status of await Promise.all(underWay)) expect(answers).toContain(status);
});

it("says that nobody translates once the last one has left", async () => {
  await nodes[0]?.close();
  expect(await fleet()).toEqual([]);
  const health = await fetch(`${worker}/health`);
  expect(await health.json()).toMatchObject({ status: "degraded", inference: [] });
});
