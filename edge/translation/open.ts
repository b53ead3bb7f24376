import type { Database } from "../conversation/database.ts";
import type { Settings } from "../env.ts";
import { FleetDirectory, newSnapshot } from "../fleet/directory.ts";
import { Fleet, type FleetFetch } from "../fleet/fleet.ts";
import type { RegisteredNode } from "../fleet/registry.ts";
import { cacheKeys } from "./cache-key.ts";
import { RoomCache } from "./room-cache.ts";
import { noSharedCache, upstashCache } from "./shared-cache.ts";
import { Translator } from "./translator.ts";

/** Of the whole isolate, so that its rooms do not each ask the registry. */
const snapshot = newSnapshot();

/** A room's translator over the services that the settings name. */
export function openTranslator(options: {
  readonly settings: Settings;
  readonly database: Database;
  /** Carries calls to the inference servers. */
  readonly fetch: FleetFetch;
  /** Asks which inference servers have registered; undefined: none may. */
  readonly registered: (() => Promise<readonly RegisteredNode[]>) | undefined;
  readonly conversation: () => string;
  readonly report: (what: string, error: unknown) => void;
}): Translator {
  const { settings, database, fetch, registered, conversation, report } = options;
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = settings;
  const now = () => Date.now();
  const directory = new FleetDirectory({ configured: settings.INFERENCE_NODES, registered, snapshot, now, report });
  return new Translator({
    // A name for this room that tells nobody which conversation it is.
    fleet: new Fleet({ nodes: () => directory.nodes(), fetch, now, caller: crypto.randomUUID() }),
    roomCache: new RoomCache(database, now),
    sharedCache: url !== undefined && token !== undefined ? upstashCache({ url, token, now }) : noSharedCache,
    cacheKey: cacheKeys(settings.CACHE_KEY_SECRET),
    conversation,
  });
}
