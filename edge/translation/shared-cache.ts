import { Redis } from "@upstash/redis/cloudflare";
import { CircuitBreaker } from "../fleet/circuit-breaker.ts";

/** A cache that all rooms share. Losing an entry or the whole cache costs time, never correctness. */
export interface SharedCache {
  /** One answer per key, in order. Never rejects: what cannot be reached is not there. */
  get(keys: readonly string[]): Promise<(string | undefined)[]>;
  /** Keeps answers for 30 days. Never rejects. */
  set(entries: ReadonlyMap<string, string>): Promise<void>;
}

const lifetimeSeconds = 30 * 24 * 60 * 60;
/** Milliseconds after which asking the cache costs more than asking the fleet. */
const timeoutMs = 300;
const breakerBounds = { failures: 3, openMs: 10_000 };
const prefix = "meeshy:t:";

/** The shared cache in Upstash Redis; one that cannot be reached is left alone for a while. */
export function upstashCache(options: { url: string; token: string; now: () => number }): SharedCache {
  const { url, token, now } = options;
  const redis = new Redis({
    url,
    token,
    retry: false,
    automaticDeserialization: false,
    enableTelemetry: false,
    signal: () => AbortSignal.timeout(timeoutMs),
  });
  const breaker = new CircuitBreaker(breakerBounds, now);

  async function attempt<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    if (!breaker.enter()) return otherwise;
    try {
      const result = await work();
      breaker.succeeded();
      return result;
    } catch {
      breaker.failed();
      return otherwise;
    }
  }

  return {
    get: (keys) =>
      attempt(
        async () => {
          const values = await redis.mget<(string | null)[]>(keys.map((key) => prefix + key));
          return values.map((value) => value ?? undefined);
        },
        keys.map(() => undefined),
      ),
    set: (entries) =>
      attempt(async () => {
        const pipeline = redis.pipeline();
        for (const [key, value] of entries) pipeline.set(prefix + key, value, { ex: lifetimeSeconds });
        await pipeline.exec();
      }, undefined),
  };
}

/** For a deployment without Redis: nothing is ever there. */
export const noSharedCache: SharedCache = {
  get: async (keys) => keys.map(() => undefined),
  set: async () => {},
};
