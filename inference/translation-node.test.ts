import { writeFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { type Checkpoint, type CheckpointName, unpackCheckpoint } from "./engine/testing/checkpoints.ts";
import { describeModel } from "./models/description.ts";
import { onlyModel, type Route } from "./models/registry.ts";
import { InferenceMetrics } from "./telemetry/metrics.ts";
import { embeddedModel, TranslationNode } from "./translation-node.ts";

const opened: (TranslationNode | Checkpoint)[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await ("close" in one ? one.close() : one[Symbol.dispose]());
});

function checkpoint(name: CheckpointName, route: Route | undefined) {
  const unpacked = unpackCheckpoint(name);
  opened.unshift(unpacked);
  return { ...onlyModel(unpacked.folder), route, warm: false };
}

/** A node with the embedded model, a T5 for short messages and an NLLB for long ones. */
async function newNode(modelMemoryBytes = Number.POSITIVE_INFINITY, breaks: "" | "nllb" | "t5" = "") {
  const failures: string[] = [];
  const metrics = new InferenceMetrics();
  const models = [checkpoint("nllb", "long"), checkpoint("t5", "short"), checkpoint("mt5", undefined)];
  for (const { name, description } of models)
    if (name === `tiny-${breaks}`) writeFileSync(description.encoder, "broken");
  const node = await TranslationNode.open({
    models: [...models, onlyModel(embeddedModel)],
    modelMemoryBytes,
    shortCharacters: 50,
    workers: 1,
    intraOpThreads: 1,
    batchSize: 8,
    batchTokens: 1_024,
    maxQueue: 100,
    cacheBytes: 1_000_000,
    cacheTtlMs: 60_000,
    observe: metrics,
    onFailure: (name) => failures.push(name),
  });
  opened.unshift(node);
  metrics.watch(node);
  const ask = async (text: string, model?: string, target = "fr") => {
    const request = { text, sourceLanguage: "en", targetLanguages: [target], hints: [], model };
    const [translation] = (await node.translate(request)).translations;
    return {
      model: translation?.model?.name,
      fallbackFrom: translation?.fallbackFrom,
      isCached: translation?.isCached,
    };
  };
  const states = () => Object.fromEntries(node.models.map(({ name, state }) => [name, state]));
  return { node, ask, states, failures, metrics };
}

/** Bytes that suffice for the embedded model and one of the tiny ones. */
function roomForOne(): number {
  const bytes = ({ bytes, tokenizerBytes }: ReturnType<typeof describeModel>) => bytes + tokenizerBytes * 10;
  using nllb = unpackCheckpoint("nllb");
  return bytes(describeModel(embeddedModel)) + bytes(describeModel(nllb.folder)) * 1.5;
}

const long = "I will be a little late because the train stopped between two stations again.";

/** Each model is loaded in a thread of its own: on a busy machine that takes seconds. */
describe("a node with several models", { timeout: 120_000 }, () => {
  it("loads each when it is first asked for, and says which wrote what", async () => {
    const { ask, states } = await newNode();
    expect(states()).toMatchObject({ "meeshy-embedded": "loaded", "tiny-nllb": "unloaded", "tiny-t5": "unloaded" });
    expect(await ask("Good morning!")).toMatchObject({ model: "tiny-t5", fallbackFrom: undefined });
    expect(await ask(long)).toMatchObject({ model: "tiny-nllb", fallbackFrom: undefined });
    expect(await ask(long, "tiny-mt5")).toMatchObject({ model: "tiny-mt5", fallbackFrom: undefined });
    expect(await ask(long, undefined, "ja")).toMatchObject({ model: "meeshy-embedded", fallbackFrom: undefined });
    expect(Object.values(states())).toEqual(["loaded", "loaded", "loaded", "loaded"]);
  });

  it("keeps the answers of different models apart in its cache", async () => {
    const { ask } = await newNode();
    await ask("Good morning!");
    expect(await ask("Good morning!")).toMatchObject({ model: "tiny-t5", isCached: true });
    expect(await ask("Good morning!", "tiny-nllb")).toMatchObject({ model: "tiny-nllb", isCached: false });
  });

  it("has a queue for each loaded model and sums them up; a sentence asked for twice at a time runs once", async () => {
    const { node, ask } = await newNode();
    expect(node.queues.map(({ name }) => name)).toEqual(["meeshy-embedded"]);
    await Promise.all([ask(long), ask(long)]);
    expect(node.queues.map(({ name, shared }) => [name, shared])).toEqual([
      ["meeshy-embedded", 0],
      ["tiny-nllb", 1],
    ]);
    expect(node.queueStats).toMatchObject({ lanes: 2, maxQueue: 200, shared: 1, waiting: { live: 0, batch: 0 } });
  });

  it("says of each model what it did, also of one that was unloaded", async () => {
    const { ask, metrics } = await newNode(roomForOne());
    await ask(long);
    await ask("Good morning!");
    const exposed = await metrics.text();
    const of = (name: string, labels: string) =>
      Number(new RegExp(`^meeshy_inference_${name}\\{${labels}\\} (\\S+)$`, "m").exec(exposed)?.[1]);
    for (const model of ["meeshy-embedded", "tiny-nllb", "tiny-t5"]) {
      expect(of("tokens_total", `model="${model}"`), model).toBeGreaterThan(0);
      expect(of("batch_size_count", `model="${model}"`), model).toBe(1);
      expect(of("stage_seconds_count", `stage="infer",model="${model}"`), model).toBe(1);
      expect(of("queue_refused_total", `model="${model}"`), model).toBe(0);
    }
    expect(of("model_bytes", 'model="tiny-t5"')).toBeGreaterThan(0);
    expect(of("model_bytes", 'model="tiny-nllb"')).toBeNaN();
  });

  it("answers with the next model when one cannot, and says instead of which", async () => {
    const { ask, states, failures } = await newNode(undefined, "t5");
    expect(await ask("Good morning!")).toMatchObject({ model: "tiny-nllb", fallbackFrom: "tiny-t5", isCached: false });
    expect(await ask("Good morning!")).toMatchObject({ model: "tiny-nllb", fallbackFrom: "tiny-t5", isCached: true });
    expect(await ask("Good evening!", "tiny-t5")).toMatchObject({ fallbackFrom: "tiny-t5" });
    expect(states()["tiny-t5"]).toBe("failed");
    expect(failures).toContain("tiny-t5");
  });

  it("unloads what was used longest ago when memory is short", async () => {
    const { ask, states } = await newNode(roomForOne());
    await ask(long);
    expect(states()).toMatchObject({ "tiny-nllb": "loaded", "tiny-t5": "unloaded" });
    await ask("Good morning!");
    expect(states()).toMatchObject({ "tiny-nllb": "unloaded", "tiny-t5": "loaded", "meeshy-embedded": "loaded" });
    expect(await ask(`${long} Sorry.`)).toMatchObject({ model: "tiny-nllb", fallbackFrom: undefined });
  });
});
