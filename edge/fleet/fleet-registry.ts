import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { type Announcement, NodeRegistry, type RegisteredNode } from "./registry.ts";

const nodesKey = "nodes";

/** The Durable Object that all inference nodes announce themselves to: the plain `NodeRegistry` over its storage. */
export class FleetRegistry extends DurableObject<Env> {
  readonly #registry: NodeRegistry;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { kv } = ctx.storage;
    const shelf = {
      get: () => kv.get(nodesKey),
      set: (nodes: readonly RegisteredNode[]) => kv.put(nodesKey, nodes),
    };
    this.#registry = new NodeRegistry(shelf, () => Date.now());
  }

  async announce(node: Announcement): Promise<boolean> {
    return this.#registry.announce(node);
  }

  async leave(url: string): Promise<void> {
    this.#registry.leave(url);
  }

  async list(): Promise<RegisteredNode[]> {
    return this.#registry.list();
  }
}

/** The one registry of a deployment. */
export function fleetRegistry({ FLEET_REGISTRY: registries }: Env): DurableObjectStub<FleetRegistry> {
  return registries.get(registries.idFromName("fleet"));
}
