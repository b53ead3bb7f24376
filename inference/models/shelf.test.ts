import { describe, expect, it } from "vitest";
import { EngineError } from "../engine/pool.ts";
import { embeddedModel } from "../translation-node.ts";
import { onlyModel } from "./registry.ts";
import { ModelShelf } from "./shelf.ts";

const model = (name: string, route: "embedded" | "long" = "long") => ({ ...onlyModel(embeddedModel), name, route });
const [a, b, c] = [model("a"), model("b"), model("c")];

/** A shelf with room for two models of ten bytes, and a list of what happened to them. */
function newShelf(load = async (name: string) => name) {
  const events: string[] = [];
  const clock = { ms: 0 };
  const shelf = new ModelShelf({
    maxBytes: { cpu: 20, cuda: 20 },
    bytesOf: () => 10,
    now: () => ++clock.ms,
    load: async ({ name }) => {
      await load(name);
      events.push(`load ${name}`);
      return {
        name,
        close: async () => {
          events.push(`close ${name}`);
        },
      };
    },
  });
  return { shelf, events, clock };
}

describe("the shelf of models", () => {
  it("loads a model once, when it is first asked for", async () => {
    const { shelf, events } = newShelf();
    expect(shelf.stateOf("a")).toBe("unloaded");
    const names = await Promise.all([1, 2, 3].map(() => shelf.use(a, async ({ name }) => name)));
    expect(names).toEqual(["a", "a", "a"]);
    expect(shelf.stateOf("a")).toBe("loaded");
    expect(events).toEqual(["load a"]);
  });

  it("takes away what was used longest ago when the next does not fit", async () => {
    const { shelf, events } = newShelf();
    for (const one of [a, b, a, c]) await shelf.use(one, async () => undefined);
    expect(events).toEqual(["load a", "load b", "close b", "load c"]);
    expect(["a", "b", "c"].map((name) => shelf.stateOf(name))).toEqual(["loaded", "unloaded", "loaded"]);
  });

  it("lets nothing go that is at work, and never the embedded model", async () => {
    const { shelf, events } = newShelf();
    const work = Promise.withResolvers<void>();
    await shelf.use(model("embedded", "embedded"), async () => undefined);
    const busy = shelf.use(a, () => work.promise);
    const next = shelf.use(b, async () => undefined);
    await expect.poll(() => shelf.stateOf("a")).toBe("unloaded");
    expect(events).toEqual(["load embedded", "load a"]);
    work.resolve();
    await Promise.all([busy, next]);
    expect(events).toEqual(["load embedded", "load a", "close a", "load b"]);
  });

  it("counts what is on a card apart", async () => {
    const { shelf, events } = newShelf();
    const onCard = { ...model("d"), description: { ...a.description, device: "cuda" as const } };
    for (const one of [a, b, onCard]) await shelf.use(one, async () => undefined);
    expect(events).toEqual(["load a", "load b", "load d"]);
    const full = new ModelShelf({
      maxBytes: { cpu: 20, cuda: 5 },
      bytesOf: () => 10,
      now: () => 0,
      load: async () => shelf,
    });
    await expect(full.use(onCard, async () => undefined)).rejects.toThrow(/raise GPU_MEMORY_FRACTION/);
  });

  it("says so when a model never fits", async () => {
    const { shelf } = newShelf();
    const small = new ModelShelf({
      maxBytes: { cpu: 5, cuda: 20 },
      bytesOf: () => 10,
      now: () => 0,
      load: async () => shelf,
    });
    await expect(small.use(a, async () => undefined)).rejects.toThrow(/raise MODEL_MEMORY_BYTES/);
  });

  it("leaves a model alone for a while that could not be loaded, then tries again", async () => {
    let isBroken = true;
    const { shelf, clock } = newShelf(async (name) => {
      if (isBroken) throw new EngineError(`${name} is broken`);
      return name;
    });
    await expect(shelf.use(a, async () => undefined)).rejects.toThrow("a is broken");
    expect(shelf.stateOf("a")).toBe("failed");
    isBroken = false;
    await expect(shelf.use(a, async () => undefined)).rejects.toThrow(/a moment ago/);
    clock.ms += 30_000;
    expect(await shelf.use(a, async ({ name }) => name)).toBe("a");
  });
});
