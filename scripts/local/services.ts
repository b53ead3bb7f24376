import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { migrate } from "../migrate.ts";
import { type InferenceProcess, startInference } from "./inference.ts";
import { choosePort } from "./ports.ts";
import { startLocalPostgres, startPostgresBridge } from "./postgres.ts";
import { startLocalRedis } from "./redis.ts";

/** A service that the Worker reaches through bindings. */
export interface Service {
  /** What runs and where, for the person who started it. */
  readonly description: string;
  /** Settings that lead the Worker to it, by the names of edge/env.ts. */
  readonly bindings: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Everything that the Worker needs besides itself. */
export interface Services {
  readonly database: Service;
  readonly cache: Service;
  /** Undefined when INFERENCE_NODES names servers that run elsewhere. */
  readonly inference: InferenceProcess | undefined;
  /** Base URLs of the inference servers, separated by commas. */
  readonly inferenceNodes: string;
  close(): Promise<void>;
}

/**
 * Starts database, cache and inference server, or takes those that the environment names. When one does not start, none is
 * left running.
 */
export async function startServices(options: {
  readonly dataDirectory: string;
  /** Preferred port of the inference server. */
  readonly inferencePort: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Promise<Services> {
  const { dataDirectory, inferencePort, environment } = options;
  mkdirSync(dataDirectory, { recursive: true });
  const starting = [
    startDatabase(environment.DATABASE_URL, join(dataDirectory, "postgres")),
    startSharedCache(environment),
    environment.INFERENCE_NODES === undefined
      ? choosePort(inferencePort).then((port) => startInference(dataDirectory, port))
      : Promise.resolve(undefined),
  ] as const;
  const close = async () => {
    const started = await Promise.allSettled(starting);
    await Promise.all(started.map((part) => (part.status === "fulfilled" ? part.value?.close() : undefined)));
  };
  try {
    const [database, cache, inference] = await Promise.all(starting);
    return { database, cache, inference, inferenceNodes: inference?.url ?? environment.INFERENCE_NODES ?? "", close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * The system of record, migrated: Neon when the URL leads there, another PostgreSQL through a bridge that speaks Neon's
 * protocol, and without a URL an embedded one that keeps its data in a folder.
 */
export async function startDatabase(url: string | undefined, dataDirectory: string): Promise<Service> {
  if (url !== undefined && isNeon(url)) {
    await migrate({ url });
    return { description: `Neon at ${new URL(url).host}`, bindings: { DATABASE_URL: url }, close: async () => {} };
  }
  const postgres = await (url === undefined
    ? startLocalPostgres({ dataDir: dataDirectory })
    : startPostgresBridge(url));
  const close = () => postgres.close();
  try {
    await migrate(postgres);
  } catch (error) {
    await close();
    throw error;
  }
  const where = url === undefined ? "embedded PostgreSQL" : `PostgreSQL at ${new URL(url).host}`;
  return {
    description: `${where}, Neon's protocol at http://${postgres.neonAddress}/sql`,
    bindings: { DATABASE_URL: postgres.url, NEON_LOCAL: postgres.neonAddress },
    close,
  };
}

/** The translation cache that all rooms share: Upstash when the environment names it, else a map in memory. */
export async function startSharedCache(environment: Readonly<Record<string, string | undefined>>): Promise<Service> {
  const { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = environment;
  if (url !== undefined && token !== undefined) {
    const bindings = { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token };
    return { description: `Upstash at ${new URL(url).host}`, bindings, close: async () => {} };
  }
  if (url !== undefined || token !== undefined) {
    throw new Error("Set both UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, or neither.");
  }
  const redis = await startLocalRedis({ token: randomBytes(18).toString("base64url") });
  return {
    description: `in memory, Upstash's protocol at ${redis.url}`,
    bindings: { UPSTASH_REDIS_REST_URL: redis.url, UPSTASH_REDIS_REST_TOKEN: redis.token },
    close: () => redis.close(),
  };
}

function isNeon(url: string): boolean {
  return new URL(url).hostname.endsWith(".neon.tech");
}
