import type { RegisteredNode } from "./registry.ts";

/** An inference server, and how busy it said it is. */
export interface FleetNode {
  /** Base URL. */
  readonly url: string;
  /** Absent: it has not said. */
  readonly load?: Pick<RegisteredNode, "lanes" | "queued" | "msPerRow">;
}

/** What was last heard of the registry. Plain data, so that everything in an isolate may share it. */
export interface Snapshot {
  /** Milliseconds since the epoch when somebody last went to look. */
  askedAt: number;
  nodes: readonly FleetNode[];
}

export const newSnapshot = (): Snapshot => ({ askedAt: 0, nodes: [] });

/** Milliseconds after which the registry is asked again: as often as nodes announce themselves. */
const refreshMs = 5_000;

export interface DirectoryParts {
  /** Base URLs that the settings name: they are there whether they register or not. */
  readonly configured: readonly string[];
  /** Asks the registry; undefined: there is none. */
  readonly registered: (() => Promise<readonly RegisteredNode[]>) | undefined;
  readonly snapshot: Snapshot;
  readonly now: () => number;
  readonly report: (what: string, error: unknown) => void;
}

/**
 * The nodes to choose among: those of the settings and those that registered. It answers with what it knows and looks again
 * meanwhile, so that no translation waits for the registry, or fails with it; only who knows of no node at all waits.
 */
export class FleetDirectory {
  readonly #parts: DirectoryParts;

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  async nodes(): Promise<readonly FleetNode[]> {
    const { registered, snapshot, now } = this.#parts;
    if (registered !== undefined && now() - snapshot.askedAt >= refreshMs) {
      snapshot.askedAt = now();
      const refreshed = this.#refresh(registered);
      if (this.#known().length === 0) await refreshed;
    }
    return this.#known();
  }

  #known(): FleetNode[] {
    const { configured, snapshot } = this.#parts;
    const heard = new Set(snapshot.nodes.map(({ url }) => url));
    return [...configured.filter((url) => !heard.has(new URL(url).origin)).map((url) => ({ url })), ...snapshot.nodes];
  }

  /** Never rejects. */
  async #refresh(registered: () => Promise<readonly RegisteredNode[]>): Promise<void> {
    const { snapshot, report } = this.#parts;
    try {
      const nodes = await registered();
      snapshot.nodes = nodes.map(({ url, lanes, queued, msPerRow }) => ({ url, load: { lanes, queued, msPerRow } }));
    } catch (error) {
      report("The fleet's registry does not answer", error);
    }
  }
}
