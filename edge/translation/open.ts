import type { Database } from "../conversation/database.ts";
import type { Settings } from "../env.ts";
import { Fleet, type FleetFetch } from "../fleet/fleet.ts";
import { cacheKeys } from "./cache-key.ts";
import { RoomCache } from "./room-cache.ts";
import { noSharedCache, upstashCache } from "./shared-cache.ts";
import { Translator } from "./translator.ts";

/** A room's translator over the services that the settings name. */
export function openTranslator(options: {
  readonly settings: Settings;
  readonly database: Database;
  /** Carries calls to the inference servers. */
  readonly fetch: FleetFetch;
  readonly conversation: () => string;
}): Translator {
  const { settings, database, fetch, conversation } = options;
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = settings;
  const now = () => Date.now();
  return new Translator({
    fleet: new Fleet({ nodes: settings.INFERENCE_NODES, fetch, now }),
    roomCache: new RoomCache(database, now),
    sharedCache: url !== undefined && token !== undefined ? upstashCache({ url, token, now }) : noSharedCache,
    cacheKey: cacheKeys(settings.CACHE_KEY_SECRET),
    conversation,
  });
}
