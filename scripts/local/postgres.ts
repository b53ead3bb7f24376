import { serveNeon } from "./neon-bridge.ts";
import { openPostgres } from "./pg-database.ts";
import { openPglite } from "./pglite-database.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** A database that `@neondatabase/serverless` reaches over HTTP on this machine. */
export interface LocalPostgres {
  /** For DATABASE_URL. */
  readonly url: string;
  /** host:port of the bridge, for NEON_LOCAL. */
  readonly neonAddress: string;
  close(): Promise<void>;
}

export interface LocalPostgresOptions {
  /** Folder that keeps the data; absent: in memory. One process at a time. */
  readonly dataDir?: string;
  /** Absent: a free one. */
  readonly port?: number;
}

/** Starts an embedded PostgreSQL (PGlite) behind the bridge; takes about two seconds. */
export async function startLocalPostgres(options: LocalPostgresOptions = {}): Promise<LocalPostgres> {
  return bridge(await openPglite(options.dataDir), "postgres://meeshy:meeshy@localhost/postgres", options.port);
}

/** Puts the bridge in front of a PostgreSQL server that is there already. */
export function startPostgresBridge(url: string, port?: number): Promise<LocalPostgres> {
  return bridge(openPostgres(url), url, port);
}

async function bridge(database: SqlDatabase, url: string, port = 0): Promise<LocalPostgres> {
  const server = await serveNeon(database, port);
  return {
    url,
    neonAddress: `127.0.0.1:${server.port}`,
    async close() {
      await server.close();
      await database.close();
    },
  };
}
