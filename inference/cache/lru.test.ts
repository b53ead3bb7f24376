import { expect, it } from "vitest";
import { LruCache } from "./lru.ts";

function newCache(maxBytes = 30) {
  const clock = { now: 0 };
  const cache = new LruCache<string>({
    maxBytes,
    ttlMs: 100,
    sizeOf: (_, value) => value.length,
    now: () => clock.now,
  });
  return { cache, clock };
}

it("throws out what was used longest ago once it is full", () => {
  const { cache } = newCache();
  cache.set("a", "x".repeat(10));
  cache.set("b", "x".repeat(10));
  cache.set("c", "x".repeat(10));
  expect(cache.get("a")).toBeDefined();
  cache.set("d", "x".repeat(10));
  expect([cache.get("a"), cache.get("b"), cache.get("c"), cache.get("d")].map((value) => value !== undefined)).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect(cache.stats).toMatchObject({ entries: 3, bytes: 30, evictions: 1, hits: 4, misses: 1 });
});

it("forgets what is older than its time", () => {
  const { cache, clock } = newCache();
  cache.set("a", "x");
  clock.now = 99;
  expect(cache.get("a")).toBe("x");
  clock.now = 100;
  expect(cache.get("a")).toBeUndefined();
  expect(cache.stats).toMatchObject({ entries: 0, bytes: 0, expirations: 1 });
});

it("replaces a value without counting it twice, and keeps nothing that is too large", () => {
  const { cache } = newCache();
  cache.set("a", "x".repeat(10));
  cache.set("a", "y".repeat(20));
  expect(cache.stats.bytes).toBe(20);
  cache.set("b", "z".repeat(31));
  expect(cache.get("b")).toBeUndefined();
  expect(cache.stats.bytes).toBe(20);
});
