import { expect, it } from "vitest";
import { FleetDirectory, newSnapshot } from "./directory.ts";

const node = (url: string, queued = 0) => ({ url, model: "m", version: "1", lanes: 2, queued, msPerRow: 5, seenAt: 0 });

function newDirectory(configured: readonly string[]) {
  const clock = { now: 1_000_000 };
  const registry = { nodes: [node("https://r.test")], isDown: false, asked: 0 };
  const reports: string[] = [];
  const parts = {
    configured,
    registered: async () => {
      registry.asked += 1;
      if (registry.isDown) throw new Error("down");
      return registry.nodes;
    },
    snapshot: newSnapshot(),
    now: () => clock.now,
    report: (what: string) => reports.push(what),
  };
  const directory = new FleetDirectory(parts);
  const urls = async () => (await directory.nodes()).map(({ url }) => url);
  return { clock, registry, reports, parts, directory, urls };
}

it("waits for the registry when it knows of no node, and asks it every few seconds", async () => {
  const { clock, registry, urls } = newDirectory([]);
  expect(await urls()).toEqual(["https://r.test"]);
  expect(await urls()).toEqual(["https://r.test"]);
  expect(registry.asked).toBe(1);
  registry.nodes = [];
  clock.now += 5_000;
  // Answered with what was known, while it looks again.
  expect(await urls()).toEqual(["https://r.test"]);
  expect(await urls()).toEqual([]);
});

it("does not wait where the settings name a node; one that registers too says how busy it is", async () => {
  const { registry, directory, urls } = newDirectory(["https://s.test", "https://r.test/"]);
  registry.nodes = [node("https://r.test", 7)];
  expect(await urls()).toEqual(["https://s.test", "https://r.test/"]);
  expect(await directory.nodes()).toEqual([
    { url: "https://s.test" },
    { url: "https://r.test", load: { lanes: 2, queued: 7, msPerRow: 5 } },
  ]);
});

it("goes on with what it knew when the registry is down", async () => {
  const { clock, registry, reports, urls } = newDirectory([]);
  await urls();
  registry.isDown = true;
  clock.now += 5_000;
  await urls();
  expect(await urls()).toEqual(["https://r.test"]);
  expect(reports).toEqual(["The fleet's registry does not answer"]);
});

it("shares what it heard with the others of its isolate", async () => {
  const { registry, parts, urls } = newDirectory([]);
  await urls();
  expect(await new FleetDirectory(parts).nodes()).toHaveLength(1);
  expect(registry.asked).toBe(1);
});
