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

export type ThrottleSettings = Pick<
  Settings,
  "UPSTASH_REDIS_REST_URL" | "UPSTASH_REDIS_REST_TOKEN" | "CACHE_KEY_SECRET"
>;

const maxAttempts = 10;
const windowSeconds = 900;

/**
 * Counts in the shared cache, under a keyed digest, so that the cache holds neither names nor addresses. Without a shared
 * cache, or while it does not answer, nobody is throttled: people must be able to sign in, and bcrypt still slows guessing.
 */
export function openLoginThrottle(settings: ThrottleSettings): LoginThrottle {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token, CACHE_KEY_SECRET: secret } = settings;
  if (url === undefined || token === undefined) return unthrottled;
  const redis = new Redis({ url, token, enableTelemetry: false, retry: false });
  return {
    async attempt(username, address) {
      const counter = await keyOf(username, address, secret);
      const count = await redis
        .pipeline()
        .incr(counter)
        .expire(counter, windowSeconds, "NX")
        .exec<[number, number]>()
        .then(([attempts]) => attempts)
        .catch(() => 0);
      if (count > maxAttempts) throw apiError("too_many_attempts", windowSeconds * 1000);
    },
    async succeeded(username, address) {
      await redis.del(await keyOf(username, address, secret)).catch(() => 0);
    },
  };
}

const unthrottled: LoginThrottle = { attempt: async () => {}, succeeded: async () => {} };

async function keyOf(username: string, address: string, secret: string): Promise<string> {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
  ]);
  const digest = await crypto.subtle.sign("HMAC", key, encoder.encode(`${username.toLowerCase()}\n${address}`));
  return `login:${Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
