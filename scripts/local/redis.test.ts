import { randomUUID } from "node:crypto";
import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalRedis, startLocalRedis } from "./redis.ts";
import { createMemoryRedis } from "./redis-commands.ts";
import { connectRedis } from "./redis-server.ts";

const realRedis = process.env.TEST_REDIS_URL;
const engines = ["memory", ...(realRedis === undefined ? [] : ["server"])] as const;

describe.each(engines)("Upstash's client against Redis in %s", (engine) => {
  let server: LocalRedis;
  let redis: Redis;
  let closeConnection = async () => {};
  const key = (name: string) => `${prefix}:${name}`;
  const prefix = randomUUID();

  beforeAll(async () => {
    const connection = engine === "server" && realRedis !== undefined ? await connectRedis(realRedis) : undefined;
    if (connection !== undefined) closeConnection = connection.close;
    server = await startLocalRedis({ token: "secret", ...(connection === undefined ? {} : { redis: connection.run }) });
    redis = new Redis({ url: server.url, token: server.token, enableTelemetry: false });
  });
  afterAll(async () => {
    await server.close();
    await closeConnection();
  });

  it("gives back what was set, objects and other scripts included", async () => {
    expect(await redis.set(key("object"), { greeting: "héllo 你好 👋" })).toBe("OK");
    expect(await redis.get(key("object"))).toEqual({ greeting: "héllo 你好 👋" });
    expect(await redis.get(key("nothing"))).toBeNull();
    await redis.mset({ [key("a")]: "one", [key("b")]: "two" });
    expect(await redis.mget(key("a"), key("nothing"), key("b"))).toEqual(["one", null, "two"]);
    expect(await redis.exists(key("a"), key("b"), key("nothing"))).toBe(2);
    expect(await redis.del(key("a"), key("b"), key("nothing"))).toBe(2);
    expect(await redis.ping()).toBe("PONG");
  });

  it("sets only when absent or only when present, as asked", async () => {
    expect(await redis.set(key("once"), "first", { nx: true })).toBe("OK");
    expect(await redis.set(key("once"), "second", { nx: true })).toBeNull();
    expect(await redis.set(key("never"), "value", { xx: true })).toBeNull();
    expect(await redis.get(key("once"))).toBe("first");
  });

  it("lets keys expire, and says when", async () => {
    await redis.set(key("short"), "value", { ex: 100 });
    expect(await redis.ttl(key("short"))).toBeGreaterThan(98);
    expect(await redis.expire(key("short"), 500, "NX")).toBe(0);
    expect(await redis.pexpire(key("short"), 50_000)).toBe(1);
    expect(await redis.ttl(key("short"))).toBeLessThanOrEqual(50);
    expect(await redis.ttl(key("nothing"))).toBe(-2);
    await redis.set(key("short"), "value");
    expect(await redis.ttl(key("short"))).toBe(-1);
    expect(await redis.pexpire(key("short"), -1)).toBe(1);
    expect(await redis.get(key("short"))).toBeNull();
  });

  it("counts, and keeps a counter's expiry", async () => {
    expect(await redis.set(key("counter"), 5, { ex: 100 })).toBe("OK");
    expect(await redis.incr(key("counter"))).toBe(6);
    expect(await redis.incrby(key("counter"), 10)).toBe(16);
    expect(await redis.ttl(key("counter"))).toBeGreaterThan(90);
    await redis.set(key("word"), "word");
    await expect(redis.incr(key("word"))).rejects.toThrow(/ERR value is not an integer/);
  });

  it("keeps hashes, and refuses to mix types", async () => {
    expect(await redis.hset(key("hash"), { one: "1", two: "zwei" })).toBe(2);
    expect(await redis.hget(key("hash"), "two")).toBe("zwei");
    expect(await redis.hgetall(key("hash"))).toEqual({ one: 1, two: "zwei" });
    expect(await redis.hgetall(key("nothing"))).toBeNull();
    await expect(redis.get(key("hash"))).rejects.toThrow(/WRONGTYPE/);
  });

  it("runs pipelines and transactions, whose commands fail one by one", async () => {
    const pipeline = redis.pipeline().set(key("p"), "word").incr(key("p")).get(key("p"));
    const [set, failed, got] = await pipeline.exec({ keepErrors: true });
    expect([set?.result, got?.result]).toEqual(["OK", "word"]);
    expect(failed?.error).toMatch(/not an integer/);
    expect(await redis.multi().incr(key("m")).expire(key("m"), 60, "NX").exec()).toEqual([1, 1]);
  });

  it("refuses an unknown command and a caller without the token", async () => {
    const stranger = new Redis({ url: server.url, token: "guess", enableTelemetry: false, retry: false });
    await expect(stranger.get(key("object"))).rejects.toThrow(/Unauthorized/);
    const answer = await fetch(server.url, {
      method: "POST",
      headers: { authorization: "Bearer secret" },
      body: '["NONSENSE"]',
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: expect.stringMatching(/^ERR unknown command/) });
  });
});

describe("Redis in memory", () => {
  it("forgets a key once its time is over", async () => {
    let now = 0;
    const redis = createMemoryRedis(1000, () => now);
    await redis(["SET", "key", "value", "PX", "10"]);
    now = 9;
    expect(await redis(["GET", "key"])).toBe("value");
    now = 10;
    expect(await redis(["GET", "key"])).toBeNull();
  });

  it("drops what was not used for longest when it is full", async () => {
    const redis = createMemoryRedis(25);
    for (const key of ["a", "b", "c"]) await redis(["SET", key, "1234567"]);
    await redis(["GET", "a"]);
    await redis(["SET", "d", "1234567"]);
    expect(await redis(["MGET", "a", "b", "c", "d"])).toEqual(["1234567", null, "1234567", "1234567"]);
  });
});
