import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { type LocalPostgres, startLocalPostgres, startPostgresBridge } from "../../scripts/local/postgres.ts";
import { migrate } from "../../scripts/migrate.ts";

/** An empty, migrated database that the tests of one run share; tests make people and conversations of their own. */
export interface TestDatabase {
  readonly engine: "PGlite" | "PostgreSQL";
  readonly url: string;
  readonly neonAddress: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    readonly databases: readonly TestDatabase[];
  }
}

/**
 * Provides PGlite to the tests always, and the PostgreSQL server that TEST_POSTGRES_URL names, in a database of its own
 * that is dropped afterwards. Each starts when the first test connects: a run without such tests does not wait for it.
 */
export default async function provideDatabases(project: TestProject): Promise<() => Promise<void>> {
  const realUrl = process.env.TEST_POSTGRES_URL;
  const started = [
    await lazily("PGlite", () => startLocalPostgres()),
    ...(realUrl === undefined ? [] : [await lazily("PostgreSQL", () => startFreshDatabase(realUrl))]),
  ];
  project.provide(
    "databases",
    started.map(({ engine, url, neonAddress }) => ({ engine, url, neonAddress })),
  );
  return async () => {
    for (const database of started) await database.close();
  };
}

type Started = TestDatabase & { close(): Promise<void> };

/** Listens at once; the first connection starts and migrates the database, and all are passed on to it. */
async function lazily(engine: TestDatabase["engine"], start: () => Promise<LocalPostgres>): Promise<Started> {
  let opening: Promise<LocalPostgres> | undefined;
  const open = async () => {
    const postgres = await start();
    await migrate(postgres);
    return postgres;
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    opening ??= open();
    opening.then(
      ({ neonAddress }) => pipe(socket, neonAddress),
      (error: unknown) => {
        console.error(`${engine} did not start:`, error);
        socket.destroy();
      },
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return {
    engine,
    url: "postgres://meeshy:meeshy@localhost/meeshy",
    neonAddress: `127.0.0.1:${address.port}`,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await (await opening)?.close();
    },
  };
}

function pipe(socket: Socket, neonAddress: string): void {
  const upstream = connect({ host: "127.0.0.1", port: Number(neonAddress.split(":")[1]) });
  socket.pipe(upstream).pipe(socket);
  socket.on("error", () => upstream.destroy());
  upstream.on("error", () => socket.destroy());
}

async function startFreshDatabase(serverUrl: string): Promise<LocalPostgres> {
  const name = `meeshy_test_${randomBytes(6).toString("hex")}`;
  await onServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const bridge = await startPostgresBridge(url.href);
  return {
    ...bridge,
    async close() {
      await bridge.close();
      await onServer(serverUrl, `drop database ${name}`);
    },
  };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
