import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import * as schemas from "../api/schemas.ts";
import { answerOf, newApi, password, problemOf, type TestApi } from "../api/testing.ts";
import { openGuestThrottle, openLoginThrottle } from "./throttle.ts";

const url = "https://redis.test";
const secret = "tests key their caches with this and nothing else";
const settings = { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: "t", CACHE_KEY_SECRET: secret };

/** Part of a command; numbers come as numbers. */
const word = z.coerce.string();
const commandsSchema = z.union([z.array(z.array(word)), z.array(word).transform((one) => [one])]);

/** As much of Upstash's REST interface as the throttle speaks, in place of the network: INCR, EXPIRE and DEL. */
function newUpstash() {
  const upstash = { isDown: false, counters: new Map<string, number>(), lifetimes: new Map<string, string[]>() };
  const run = ([name = "", key = "", ...rest]: string[]) => {
    const count = upstash.counters.get(key) ?? 0;
    switch (name.toLowerCase()) {
      case "incr":
        upstash.counters.set(key, count + 1);
        return { result: count + 1 };
      case "expire":
        upstash.lifetimes.set(key, rest);
        return { result: 1 };
      case "del":
        return { result: Number(upstash.counters.delete(key)) };
      default:
        throw new Error(`The double does not know ${name}.`);
    }
  };
  const network = globalThis.fetch;
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    if (!address.startsWith(url)) return network(address, init);
    if (upstash.isDown) return new Response("{}", { status: 503 });
    const results = commandsSchema.parse(JSON.parse(String(init.body))).map(run);
    return Response.json(new URL(address).pathname === "/pipeline" ? results : results[0]);
  });
  return upstash;
}

let upstash: ReturnType<typeof newUpstash>;
beforeEach(() => {
  upstash = newUpstash();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const home = "192.0.2.1";

describe("guests", () => {
  it("are sixty from one address within fifteen minutes, and the cache never sees where from", async () => {
    const throttle = openGuestThrottle(settings);
    for (let n = 0; n < 60; n++) await throttle.attempt(home);
    await expect(throttle.attempt(home)).rejects.toMatchObject({ code: "too_many_attempts", retryAfterMs: 900_000 });
    await throttle.attempt("192.0.2.2");
    for (const key of upstash.counters.keys()) expect(key).toMatch(/^guest:[0-9a-f]{64}$/);
  });
});

describe("attempts to sign in", () => {
  const throttle = openLoginThrottle(settings);
  const attempts = async (count: number, username = "alice", address = home) => {
    for (let n = 0; n < count; n++) await throttle.attempt(username, address);
  };
  const tooMany = { code: "too_many_attempts", status: 429, retryAfterMs: 900_000 };

  it("are ten within fifteen minutes, whatever the case of the name", async () => {
    await attempts(5);
    await attempts(5, "ALICE");
    await expect(attempts(1)).rejects.toMatchObject(tooMany);
    expect([...upstash.lifetimes.values()]).toEqual([["900", "NX"]]);
  });

  it("are counted for one name from one address: others go on", async () => {
    await attempts(10);
    await attempts(10, "bob");
    await attempts(10, "alice", "192.0.2.2");
    await expect(attempts(1)).rejects.toMatchObject(tooMany);
  });

  it("are forgotten with the right password", async () => {
    await attempts(10);
    await throttle.succeeded("Alice", home);
    await attempts(10);
    await expect(attempts(1)).rejects.toMatchObject(tooMany);
  });

  it("leave neither names nor addresses in the cache", async () => {
    await attempts(1);
    expect([...upstash.counters.keys()]).toEqual([expect.stringMatching(/^login:[0-9a-f]{64}$/)]);
    await openLoginThrottle({ ...settings, CACHE_KEY_SECRET: `${secret}!` }).attempt("alice", home);
    expect(upstash.counters.size).toBe(2);
  });

  it("are not counted while the cache is down, nor without one", async () => {
    upstash.isDown = true;
    await attempts(11);
    await throttle.succeeded("alice", home);
    const none = { ...settings, UPSTASH_REDIS_REST_URL: undefined, UPSTASH_REDIS_REST_TOKEN: undefined };
    for (let n = 0; n < 11; n++) await openLoginThrottle(none).attempt("alice", home);
    expect(upstash.counters.size).toBe(0);
  });
});

describe("signing in", () => {
  const login = (api: TestApi, username: string, given: string) => {
    const headers = { "cf-connecting-ip": home };
    return api.request("POST /auth/login", { headers, body: { username, password: given } });
  };

  it("is refused after ten wrong passwords, even with the right one, and says for how long", async () => {
    const api = newApi({ UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: "t" });
    const { user } = await api.signUp("Alice");
    for (let n = 0; n < 9; n++) await login(api, user.username, "wrong password");
    expect((await answerOf(await login(api, user.username, password), schemas.session)).user).toEqual(user);
    for (let n = 0; n < 10; n++) {
      expect((await problemOf(await login(api, user.username, "wrong password"))).code).toBe("invalid_credentials");
    }
    const refused = await login(api, user.username, password);
    expect(refused.headers.get("retry-after")).toBe("900");
    expect((await problemOf(refused)).code).toBe("too_many_attempts");
  });
});
