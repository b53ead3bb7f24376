import { expect, it } from "vitest";
import { migrate } from "../conversation/schema.ts";
import { nodeDatabase } from "../conversation/testing/node-database.ts";
import { RoomCache } from "./room-cache.ts";

function newCache() {
  const clock = { now: 0 };
  const database = nodeDatabase();
  migrate(database);
  const open = () => new RoomCache(database, () => clock.now);
  return { clock, database, open };
}

it("keeps its answers when the room loses its memory", () => {
  const { open } = newCache();
  open().set("key", "answer");
  expect(open().get("key")).toBe("answer");
  expect(open().get("other")).toBeUndefined();
});

it("stays within its bound and throws out what was used longest ago", () => {
  const { clock, database, open } = newCache();
  const cache = open();
  for (let n = 0; n < 2_000; n++) {
    clock.now = n;
    cache.set(`key ${n}`, "answer");
  }
  clock.now += 2 * 60 * 60 * 1_000;
  expect(cache.get("key 0")).toBe("answer");
  cache.set("one more", "answer");
  expect(cache.get("key 0")).toBe("answer");
  expect(cache.get("key 1")).toBeUndefined();
  expect(cache.get("one more")).toBe("answer");
  expect(database.all<{ n: number }>("SELECT count(*) AS n FROM translation_cache")[0]?.n).toBeLessThanOrEqual(2_000);
});
