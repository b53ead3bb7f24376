import { expect, it } from "vitest";
import { announcement, mostNodes, NodeRegistry, silentMs } from "./registry.ts";

const node = (url: string, queued = 0) => ({ url, model: "m", version: "1", lanes: 1, queued, msPerRow: 5 });

function newRegistry() {
  const clock = { now: 1_000_000 };
  let kept: unknown;
  const shelf = {
    get: () => kept,
    set(nodes: unknown) {
      kept = structuredClone(nodes);
    },
  };
  const registry = new NodeRegistry(shelf, () => clock.now);
  return { clock, registry, urls: () => registry.list().map(({ url }) => url) };
}

it("knows a node by its address, as it was last heard of", () => {
  const { registry } = newRegistry();
  registry.announce(node("https://a.test", 1));
  registry.announce(node("https://a.test", 9));
  expect(registry.list()).toEqual([{ ...node("https://a.test", 9), seenAt: 1_000_000 }]);
});

it("forgets a node that leaves, and one that falls silent", () => {
  const { clock, registry, urls } = newRegistry();
  for (const url of ["https://a.test", "https://b.test", "https://c.test"]) registry.announce(node(url));
  registry.leave("https://a.test");
  clock.now += silentMs - 1;
  registry.announce(node("https://c.test"));
  expect(urls()).toEqual(["https://b.test", "https://c.test"]);
  clock.now += 1;
  expect(urls()).toEqual(["https://c.test"]);
});

it("holds so many and no more, but goes on hearing those it has", () => {
  const { clock, registry, urls } = newRegistry();
  for (let index = 0; index < mostNodes; index++) registry.announce(node(`https://n${index}.test`));
  expect(registry.announce(node("https://one-more.test"))).toBe(false);
  expect(registry.announce(node("https://n7.test", 3))).toBe(true);
  expect(urls()).toHaveLength(mostNodes);
  clock.now += silentMs;
  expect(registry.announce(node("https://one-more.test"))).toBe(true);
});

it.each([
  ["plain http", { url: "http://a.test" }],
  ["another scheme", { url: "ftp://a.test" }],
  ["a path", { url: "https://a.test/translate" }],
  ["a query", { url: "https://a.test/?x=1" }],
  ["a password", { url: "https://user:password@a.test" }],
  ["no address", { url: "a.test" }],
  ["no lanes", { lanes: 0 }],
  ["less than nothing waiting", { queued: -1 }],
  ["a speed that is no number", { msPerRow: Number.NaN }],
  ["a name without end", { model: "m".repeat(101) }],
])("refuses %s", (_, wrong) => {
  expect(announcement.safeParse({ ...node("https://a.test"), ...wrong }).success).toBe(false);
});

it("takes an address with or without a slash for the same", () => {
  expect(announcement.parse(node("https://A.test:8443/")).url).toBe("https://a.test:8443");
});
