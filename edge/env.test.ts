import { describe, expect, it } from "vitest";
import { parseSettings } from "./env.ts";

const secret = "0123456789abcdef0123456789abcdef";
const complete = {
  DATABASE_URL: "postgres://meeshy@db.test/meeshy",
  INFERENCE_NODES: "https://one.test",
  JWT_SECRET: secret,
  CACHE_KEY_SECRET: secret,
};

describe("the settings", () => {
  it("are complete with a database, an inference server and two secrets", () => {
    const defaults = { ROOM_SOCKETS: 250, RELAY_SOCKETS: 1_000 };
    expect(parseSettings(complete)).toEqual({ ...complete, ...defaults, INFERENCE_NODES: ["https://one.test"] });
  });

  it("name inference servers in a list", () => {
    const { INFERENCE_NODES: nodes } = parseSettings({
      ...complete,
      INFERENCE_NODES: " https://one.test, http://two:9000,, ",
    });
    expect(nodes).toEqual(["https://one.test", "http://two:9000"]);
  });

  it("need no inference servers where these register themselves", () => {
    expect(parseSettings({ ...complete, INFERENCE_NODES: "", FLEET_SECRET: secret }).INFERENCE_NODES).toEqual([]);
  });

  it("name the people of a demonstration", () => {
    const demo = { password: "demo", people: [{ username: "ana", displayName: "Ana", readingLanguage: "en" }] };
    expect(parseSettings({ ...complete, DEMO_ACCOUNTS: JSON.stringify(demo) }).DEMO_ACCOUNTS).toEqual(demo);
  });

  it("that are missing are all named in one sentence, with where to read about them", () => {
    expect(() => parseSettings({})).toThrow(
      /^Meeshy cannot start: .*DATABASE_URL.*INFERENCE_NODES.*JWT_SECRET.*CACHE_KEY_SECRET.*README\.md\.$/s,
    );
  });

  it.each([
    ["DATABASE_URL", "mysql://db.test", "DATABASE_URL must be a postgres:// URL"],
    ["NEON_LOCAL", "http://localhost:4444", "NEON_LOCAL must be host:port"],
    ["INFERENCE_NODES", " , ", "INFERENCE_NODES must name at least one inference server"],
    ["INFERENCE_NODES", "https://one.test,two", "INFERENCE_NODES.1"],
    ["FLEET_SECRET", "open sesame", "FLEET_SECRET must be at least 32 characters"],
    ["UPSTASH_REDIS_REST_URL", "redis", "UPSTASH_REDIS_REST_URL"],
    ["JWT_SECRET", secret.slice(1), "JWT_SECRET must be at least 32 characters"],
    ["CACHE_KEY_SECRET", "", "CACHE_KEY_SECRET must be at least 32 characters"],
    ["DEMO_ACCOUNTS", "{", "DEMO_ACCOUNTS must be JSON"],
    ["DEMO_ACCOUNTS", '{"password":"demo","people":[{}]}', "DEMO_ACCOUNTS.people.0.username"],
  ])("say what is wrong with %s=%s", (name, value, sentence) => {
    expect(() => parseSettings({ ...complete, [name]: value })).toThrow(sentence);
  });

  it("are not repeated when they are wrong: a secret would end in the log", () => {
    expect(() => parseSettings({ ...complete, JWT_SECRET: "hunter2" })).toThrow(/^(?!.*hunter2)/s);
  });
});
