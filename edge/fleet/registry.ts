import { z } from "zod";

/** Nodes that may be registered at a time. */
export const mostNodes = 64;
/** Milliseconds between two announcements of a node, and after which a silent one is forgotten. */
export const heartbeatMs = 5_000;
export const silentMs = 3 * heartbeatMs;

const name = z.string().min(1).max(100);

/** Base URL of a node: messages travel there, so always under TLS. */
const nodeUrl = z
  .url({ protocol: /^https$/, error: "Give the node's https:// address." })
  .max(200)
  .refine(
    (url) => URL.canParse(url) && `${new URL(url).origin}/` === new URL(url).href,
    "Give an address without a path.",
  )
  .transform((url) => new URL(url).origin);

/** What a node says of itself, every few seconds. */
export const announcement = z.object({
  url: nodeUrl,
  model: name,
  version: name,
  /** Batches that it runs at a time. */
  lanes: z.int().min(1).max(1_024),
  /** Sentences that wait. */
  queued: z.int().min(0).max(1_000_000),
  /** Milliseconds of a lane's time that a sentence takes. */
  msPerRow: z.number().min(0).max(600_000),
});
export type Announcement = z.infer<typeof announcement>;

export const departure = z.object({ url: nodeUrl });

const registered = announcement.extend({ seenAt: z.number() });
/** An announced node, and when it was last heard of, in milliseconds since the epoch. */
export type RegisteredNode = z.infer<typeof registered>;

/** Where the nodes are kept. */
export interface NodeShelf {
  get(): unknown;
  set(nodes: readonly RegisteredNode[]): void;
}

/** The nodes that have announced themselves and been heard of since; one that falls silent is forgotten. */
export class NodeRegistry {
  readonly #shelf: NodeShelf;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(shelf: NodeShelf, now: () => number) {
    this.#shelf = shelf;
    this.#now = now;
  }

  /** False when there are too many others already. */
  announce(node: Announcement): boolean {
    const others = this.#without(node.url);
    if (others.length >= mostNodes) return false;
    this.#shelf.set([...others, { ...node, seenAt: this.#now() }]);
    return true;
  }

  leave(url: string): void {
    this.#shelf.set(this.#without(url));
  }

  list(): RegisteredNode[] {
    const known = z.array(registered).catch([]).parse(this.#shelf.get());
    return known.filter(({ seenAt }) => seenAt > this.#now() - silentMs);
  }

  #without(url: string): RegisteredNode[] {
    return this.list().filter((node) => node.url !== url);
  }
}
