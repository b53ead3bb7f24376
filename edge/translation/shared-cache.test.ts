import { afterEach, expect, it, vi } from "vitest";
import { z } from "zod";
import { upstashCache } from "./shared-cache.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const url = "https://redis.test";

/** As much of Upstash's REST interface as the cache speaks, in place of the network: MGET, and SET in a pipeline. */
function newUpstash() {
  const values = new Map<string, string>();
  const upstash = { isDown: false, requests: 0, lifetimes: new Set<string>(), values };
  const encode = (value: string | undefined) =>
    value === undefined ? null : btoa(String.fromCharCode(...new TextEncoder().encode(value)));
  const run = (command: string[]) => {
    const [name = "", key = "", value = "", , lifetime = ""] = command;
    if (name.toLowerCase() === "mget") return { result: command.slice(1).map((one) => encode(values.get(one))) };
    values.set(key, value);
    upstash.lifetimes.add(String(lifetime));
    return { result: "OK" };
  };
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    upstash.requests += 1;
    if (upstash.isDown) return new Response("{}", { status: 503 });
    const body: unknown = JSON.parse(String(init.body));
    const commands = z.union([z.array(z.array(word)), z.array(word).transform((one) => [one])]).parse(body);
    const results = commands.map(run);
    return Response.json(new URL(address).pathname === "/pipeline" ? results : results[0]);
  });
  return upstash;
}

/** Part of a command; numbers come as numbers. */
const word = z.coerce.string();

it("keeps answers for 30 days and finds them again, in the order asked, in one request", async () => {
  const upstash = newUpstash();
  const cache = upstashCache({ url, token: "t", now: () => 0 });
  await cache.set(
    new Map([
      ["a", '{"text":"Grüße"}'],
      ["b", "{}"],
    ]),
  );
  expect(await cache.get(["b", "none", "a"])).toEqual(["{}", undefined, '{"text":"Grüße"}']);
  expect(upstash.requests).toBe(2);
  expect([...upstash.lifetimes]).toEqual([String(30 * 24 * 60 * 60)]);
  for (const key of upstash.values.keys()) expect(key).toMatch(/^meeshy:t:/);
});

it("is as good as empty while Redis is down, and soon does not even ask", async () => {
  const upstash = newUpstash();
  const clock = { now: 0 };
  const cache = upstashCache({ url, token: "t", now: () => clock.now });
  upstash.isDown = true;
  for (let n = 0; n < 5; n++) expect(await cache.get(["a"])).toEqual([undefined]);
  expect(upstash.requests).toBe(3);
  upstash.isDown = false;
  clock.now += 10_000;
  await cache.set(new Map([["a", "{}"]]));
  expect(await cache.get(["a"])).toEqual(["{}"]);
});
