/** A budget: `burst` at once, refilled at `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** What one person may ask of one room. */
export const rates = {
  /** Sends, edits and deletes together. */
  write: { burst: 60, perSecond: 20 },
  /** Syncs and pages of history. */
  read: { burst: 20, perSecond: 5 },
  typing: { burst: 10, perSecond: 2 },
  /** Sockets opened. */
  connect: { burst: 30, perSecond: 1 },
} as const satisfies Record<string, Rate>;

/** Buckets kept before the full ones are thrown away. */
const bucketsKept = 1_000;

/**
 * A token bucket per key. It lives in memory alone: a room that forgets it gives everybody a fresh burst, which is
 * harmless, and a row written per request would cost more than what it guards against.
 */
export class RateLimit {
  readonly #rate: Rate;
  readonly #now: () => number;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  /** @param now milliseconds since the epoch */
  constructor(rate: Rate, now: () => number) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Takes one token: 0 when there was one, otherwise milliseconds until there is. */
  take(key: string): number {
    const { burst, perSecond } = this.#rate;
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > bucketsKept) this.#forgetFull(now);
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / perSecond) * 1_000);
    bucket.tokens -= 1;
    return 0;
  }

  #forgetFull(now: number): void {
    const refillMs = (this.#rate.burst / this.#rate.perSecond) * 1_000;
    for (const [key, { at }] of this.#buckets) if (now - at >= refillMs) this.#buckets.delete(key);
  }
}
