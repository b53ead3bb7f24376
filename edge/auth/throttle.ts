import { Redis } from "@upstash/redis/cloudflare";
import { apiError } from "../api/error-codes.ts";
import type { Settings } from "../env.ts";

/** Slows down guessing of one account's password from one address. */
export interface LoginThrottle {
  /** Counts an attempt; throws `too_many_attempts` beyond the tenth within fifteen minutes. */
  attempt(username: string, address: string): Promise<void>;
  /** Forgets the attempts: the right password was given. */
  succeeded(username: string, address: string): Promise<void>;
}

/** Slows down the making of guests from one address. */
export interface GuestThrottle {
  /** Counts one; throws `too_many_attempts` beyond the sixtieth within fifteen minutes: a class may share an address. */
  attempt(address: string): Promise<void>;
}

export type ThrottleSettings = Pick<
  Settings,
  "UPSTASH_REDIS_REST_URL" | "UPSTASH_REDIS_REST_TOKEN" | "CACHE_KEY_SECRET"
>;

const maxLogins = 10;
const maxGuests = 60;
const windowSeconds = 900;

export function openLoginThrottle(settings: ThrottleSettings): LoginThrottle {
  const counter = openCounter(settings, "login", maxLogins);
  return {
    attempt: (username, address) => counter.count(username.toLowerCase(), address),
    succeeded: (username, address) => counter.forget(username.toLowerCase(), address),
  };
}

export function openGuestThrottle(settings: ThrottleSettings): GuestThrottle {
  const counter = openCounter(settings, "guest", maxGuests);
  return { attempt: (address) => counter.count(address) };
}

interface Counter {
  count(...what: readonly string[]): Promise<void>;
  forget(...what: readonly string[]): Promise<void>;
}

/**
 * Counts in the shared cache, under a keyed digest, so that the cache holds neither names nor addresses. Without a shared
 * cache, or while it does not answer, nobody is throttled: people must be able to sign in, and bcrypt still slows guessing.
 */
function openCounter(settings: ThrottleSettings, name: "login" | "guest", most: number): Counter {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, CACHE_KEY_SECRET: secret } = settings;
  if (url === undefined || token === undefined) return uncounted;
  const redis = new Redis({ url, token, enableTelemetry: false, retry: false });
  const keyOf = async (what: readonly string[]) => `${name}:${await digest(what.join("\n"), secret)}`;
  return {
    async count(...what) {
      const key = await keyOf(what);
      const count = await redis
        .pipeline()
        .incr(key)
        .expire(key, windowSeconds, "NX")
        .exec<[number, number]>()
        .then(([attempts]) => attempts)
        .catch(() => 0);
      if (count > most) throw apiError("too_many_attempts", windowSeconds * 1000);
    },
    async forget(...what) {
      await redis.del(await keyOf(what)).catch(() => 0);
    },
  };
}

const uncounted: Counter = { count: async () => {}, forget: async () => {} };

async function digest(text: string, secret: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const bytes = await crypto.subtle.sign("HMAC", key, encoder.encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
