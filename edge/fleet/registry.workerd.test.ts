import { env, evictDurableObject } from "cloudflare:test";
import { Hono } from "hono";
import { expect, it } from "vitest";
import { z } from "zod";
import { answerError } from "../api/problems.ts";
import type { Env } from "../env.ts";
import { fleetRegistry } from "./fleet-registry.ts";
import { fleet } from "./routes.ts";

const secret = "nodes of these tests know this and nobody else";
const node = { url: "https://a.test", model: "m", version: "1", lanes: 2, queued: 3, msPerRow: 5.5 };
const app = new Hono().onError(answerError).route("/api/fleet", fleet);

const open: Env = { ...env, FLEET_SECRET: secret };

/** A request as a node sends it; `settings` may take the secret away. */
function call(
  method: string,
  body?: unknown,
  { token = secret, settings = open }: { token?: string; settings?: Env } = {},
) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  return app.request("/api/fleet/nodes", { method, headers, ...init }, settings);
}

const listed = async () =>
  z.object({ nodes: z.array(z.looseObject({ url: z.string() })) }).parse(await (await call("GET")).json()).nodes;
const codeOf = async (answer: Response) => z.object({ code: z.string() }).parse(await answer.json()).code;

it("registers a node, tells it when to come again, and lets it go", async () => {
  const answer = await call("POST", node);
  expect(await answer.json()).toEqual({ heartbeatMs: 5_000 });
  expect(await listed()).toEqual([{ ...node, seenAt: expect.any(Number) }]);
  await evictDurableObject(fleetRegistry(env));
  expect(await listed()).toHaveLength(1);
  expect((await call("DELETE", { url: node.url })).status).toBe(204);
  expect(await listed()).toEqual([]);
});

it.each(["GET", "POST", "DELETE"])(
  "tells %s from who does not know the secret nothing, and does nothing for them",
  async (method) => {
    const body = method === "GET" ? undefined : { nonsense: true };
    for (const token of ["", "wrong", `${secret} `.repeat(2)]) {
      const refused = await call(method, body, { token });
      expect([refused.status, await codeOf(refused)]).toEqual([401, "invalid_fleet_secret"]);
    }
    expect(await listed()).toEqual([]);
  },
);

it("is not there where no secret is set, whatever is sent", async () => {
  for (const token of ["", "undefined", secret]) {
    const refused = await call("POST", node, { token, settings: env });
    expect([refused.status, await codeOf(refused)]).toEqual([404, "fleet_closed"]);
  }
});

it.each([
  ["no JSON", "{", "invalid_json"],
  ["a body without end", JSON.stringify({ ...node, model: "m".repeat(5_000) }), "body_too_large"],
  ["an address without TLS", { ...node, url: "http://a.test" }, "invalid_request"],
  ["a number that is text", { ...node, lanes: "2" }, "invalid_request"],
])("refuses %s", async (_, body, code) => {
  expect(await codeOf(await call("POST", body))).toBe(code);
  expect(await listed()).toEqual([]);
});
