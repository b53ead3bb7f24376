import { type NeonQueryFunction, neon, neonConfig } from "@neondatabase/serverless";
import type { Settings } from "../env.ts";

/** Tagged-template SQL: rows as objects, values always parameters. */
export type Sql = NeonQueryFunction<false, false>;

/** What the store needs to know of the settings. */
export type StoreSettings = Pick<Settings, "DATABASE_URL" | "NEON_LOCAL">;

/** One HTTP request to Neon's proxy per statement or transaction: nothing to keep open between a Worker's requests. */
export function openSql(settings: StoreSettings): Sql {
  if (settings.NEON_LOCAL !== undefined) neonConfig.fetchEndpoint = `http://${settings.NEON_LOCAL}/sql`;
  return neon(settings.DATABASE_URL, { disableWarningInBrowsers: true });
}
