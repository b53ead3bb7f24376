import { Hono } from "hono";
import { type Env, parseSettings, type Settings } from "./env.ts";
import { fleetRegistry } from "./fleet/fleet-registry.ts";
import { openSql } from "./store/sql.ts";
import { prometheusText } from "./telemetry/instruments.ts";

/** Whether a part that the Worker needs answers. */
interface PartHealth {
  readonly status: "ok" | "down";
  /** Milliseconds it took to say so. */
  readonly latencyMs: number;
}

/** For load balancers and operators: none of it tells who uses Meeshy or what they write. */
export const health = new Hono<{ Bindings: Env }>();

health.get("/health/live", (c) => c.json({ status: "ok" }));

/** Ready: the settings are complete and the system of record answers. Without inference people can still talk. */
health.get("/health/ready", async (c) => {
  const database = await probe(() => openSql(parseSettings(c.env))`select 1`);
  return c.json({ status: database.status }, database.status === "ok" ? 200 : 503);
});

health.get("/health", async (c) => {
  const settings = parseSettings(c.env);
  const nodes = await knownNodes(c.env, settings);
  const [database, ...inference] = await Promise.all([
    probe(() => openSql(settings)`select 1`),
    ...nodes.map((node) => probe(() => askInference(c.env, node))),
  ]);
  const canTranslate = inference.some(({ status }) => status === "ok");
  const status = database.status === "down" ? "down" : canTranslate ? "ok" : "degraded";
  return c.json({ status, database, inference }, status === "down" ? 503 : 200);
});

health.get("/metrics", (c) => c.text(prometheusText(), 200, { "content-type": "text/plain; version=0.0.4" }));

async function probe(ask: () => PromiseLike<unknown>): Promise<PartHealth> {
  const startedAt = Date.now();
  const status = await Promise.race([
    Promise.resolve(ask()).then(
      () => "ok" as const,
      () => "down" as const,
    ),
    scheduler.wait(2_000).then(() => "down" as const),
  ]);
  return { status, latencyMs: Date.now() - startedAt };
}

/** The inference servers of the settings, and those that have registered. */
async function knownNodes(
  env: Env,
  { INFERENCE_NODES: configured, FLEET_SECRET: secret }: Settings,
): Promise<string[]> {
  const registered = secret === undefined ? [] : await fleetRegistry(env).list();
  return [...new Set([...configured, ...registered.map(({ url }) => url)])];
}

async function askInference(env: Env, node: string): Promise<void> {
  const url = `${node}/health/ready`;
  const answer = await (env.INFERENCE === undefined ? fetch(url) : env.INFERENCE.fetch(url));
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${answer.status}`);
}
