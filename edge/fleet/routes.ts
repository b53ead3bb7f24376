import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { apiError } from "../api/error-codes.ts";
import { answerInvalid } from "../api/problems.ts";
import { type Env, parseSettings } from "../env.ts";
import { fleetRegistry } from "./fleet-registry.ts";
import { announcement, departure, heartbeatMs } from "./registry.ts";

/** Bytes of an announcement at most. */
const maxSize = 4_096;

/** Lets only inference nodes in: those that know FLEET_SECRET. */
const nodesOnly = createMiddleware<{ Bindings: Env }>(async (c, next) => {
  const { FLEET_SECRET: secret } = parseSettings(c.env);
  if (secret === undefined) throw apiError("fleet_closed");
  const given = c.req.header("authorization")?.replace(/^Bearer /i, "") ?? "";
  if (!(await isSame(given, secret))) throw apiError("invalid_fleet_secret");
  await next();
});

/** Where inference nodes announce themselves (docs/inference.md), to be mounted at /api/fleet. */
export const fleet = new Hono<{ Bindings: Env }>();
fleet.use(nodesOnly, bodyLimit({ maxSize, onError: refuseLargeBody }));

fleet.get("/nodes", async (c) => c.json({ nodes: await fleetRegistry(c.env).list() }));

fleet.post("/nodes", async (c) => {
  const node = announcement.safeParse(await jsonOf(c.req));
  if (!node.success) return answerInvalid(node.error);
  if (!(await fleetRegistry(c.env).announce(node.data))) throw apiError("fleet_full", heartbeatMs);
  return c.json({ heartbeatMs });
});

fleet.delete("/nodes", async (c) => {
  const leaving = departure.safeParse(await jsonOf(c.req));
  if (!leaving.success) return answerInvalid(leaving.error);
  await fleetRegistry(c.env).leave(leaving.data.url);
  return c.body(null, 204);
});

async function jsonOf(request: { json(): Promise<unknown> }): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw apiError("invalid_json");
  }
}

function refuseLargeBody(): never {
  throw apiError("body_too_large");
}

/** Compares in a time that tells nothing of where two secrets differ. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map(digest));
  return first !== undefined && second !== undefined && crypto.subtle.timingSafeEqual(first, second);
}

const digest = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
