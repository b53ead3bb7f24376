import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";

/** What a node says of itself; edge/fleet/registry.ts states the bounds. */
export interface NodeState {
  readonly model: string;
  readonly version: string;
  /** Batches that it runs at a time. */
  readonly lanes: number;
  /** Sentences that wait. */
  readonly queued: number;
  /** Milliseconds of a lane's time that a sentence takes. */
  readonly msPerRow: number;
}

export interface RegistrationParts {
  /** Base URL of the Meeshy that the node is to serve. */
  readonly edge: string;
  readonly secret: string;
  /** Base URL under which that Meeshy reaches the node. */
  readonly url: string;
  readonly state: () => NodeState;
  /** Hears when a registration begins to work or to fail, once each. */
  readonly report: (sentence: string) => void;
}

const welcome = z.object({ heartbeatMs: z.number().min(100).max(60_000) });
const refusal = z.object({ detail: z.string() });

/** Milliseconds until the next try when the edge has not said. */
const standardMs = 5_000;
const timeoutMs = 5_000;

/** Announces a node to the edge's fleet every few seconds, for as long as it serves. */
export class Registration {
  readonly #parts: RegistrationParts;
  readonly #end = new AbortController();
  readonly #announcing: Promise<void>;
  #lastReport = "";

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
    this.#announcing = this.#announce();
  }

  /** Ends the announcements and takes the node out of the fleet. Never rejects: a node that is silent is forgotten anyway. */
  async leave(): Promise<void> {
    this.#end.abort();
    await this.#announcing;
    await this.#send("DELETE", {}).catch(() => undefined);
  }

  async #announce(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const pauseMs = await this.#once();
      await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Milliseconds until the next time. */
  async #once(): Promise<number> {
    const { edge, url, state } = this.#parts;
    try {
      const answer = await this.#send("POST", state());
      const body: unknown = await answer.json();
      if (!answer.ok) throw new Error(refusal.safeParse(body).data?.detail ?? `it answered ${answer.status}.`);
      this.#report(`Registered ${url} with ${edge}.`);
      return welcome.parse(body).heartbeatMs;
    } catch (error) {
      this.#report(`${edge} does not take ${url}: ${error instanceof Error ? error.message : String(error)}`);
      return standardMs;
    }
  }

  #send(method: "POST" | "DELETE", body: object): Promise<Response> {
    const { edge, secret, url } = this.#parts;
    return fetch(new URL("/api/fleet/nodes", edge), {
      method,
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ url, ...body }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  }

  #report(sentence: string): void {
    if (sentence !== this.#lastReport) this.#parts.report(sentence);
    this.#lastReport = sentence;
  }
}
