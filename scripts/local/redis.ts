import { timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { HttpError, readJson, serveJson } from "./http.ts";
import { createMemoryRedis, type Redis, RedisError, type Reply } from "./redis-commands.ts";

/** A stand-in for Upstash Redis on this machine. */
export interface LocalRedis {
  /** For UPSTASH_REDIS_REST_URL. */
  readonly url: string;
  /** For UPSTASH_REDIS_REST_TOKEN. */
  readonly token: string;
  close(): Promise<void>;
}

export interface LocalRedisOptions {
  /** Absent: a free one. */
  readonly port?: number;
  /** What callers must show; required, so that no web page can reach it. */
  readonly token: string;
  /** What runs the commands; absent: a bounded map in memory, empty at every start. */
  readonly redis?: Redis;
}

/** Upstash's own limit of a request on its smallest plan is 10 MiB. */
const maxBodyBytes = 10 * 1024 * 1024;

const command = z
  .array(z.union([z.string(), z.number(), z.boolean(), z.null(), z.record(z.string(), z.unknown())]))
  .min(1)
  .transform((words) => words.map((word) => (typeof word === "object" ? JSON.stringify(word) : String(word))));

/**
 * Serves Redis with Upstash's REST protocol: `POST /` one command, `POST /pipeline` many, `POST /multi-exec` many without
 * others in between; results in base64 when the header `Upstash-Encoding: base64` asks for it, as the client does.
 */
export async function startLocalRedis(options: LocalRedisOptions): Promise<LocalRedis> {
  const { token, redis = createMemoryRedis() } = options;
  const exclusively = createQueue();
  const server = await serveJson(options.port ?? 0, async (request) => {
    if (!sameText(request.headers.authorization ?? "", `Bearer ${token}`)) throw new HttpError(401, "Unauthorized");
    if (request.method !== "POST") throw new HttpError(405, "Send commands with POST.");
    const encode = request.headers["upstash-encoding"] === "base64" ? toBase64 : (reply: Reply) => reply;
    const body = await readJson(request, maxBodyBytes);
    switch (request.url) {
      case "/": {
        const answer = await exclusively(() => run(redis, parse(command, body), encode));
        return { status: "error" in answer ? 400 : 200, body: answer };
      }
      case "/pipeline":
      case "/multi-exec": {
        const commands = parse(z.array(command), body);
        const answers = await exclusively(async () => {
          const done = [];
          for (const each of commands) done.push(await run(redis, each, encode));
          return done;
        });
        return { status: 200, body: answers };
      }
      default:
        throw new HttpError(404, "Only POST /, /pipeline and /multi-exec are served here.");
    }
  });
  return { url: `http://127.0.0.1:${server.port}`, token, close: server.close };
}

type Answer = { readonly result: Reply } | { readonly error: string };

async function run(redis: Redis, words: readonly string[], encode: (reply: Reply) => Reply): Promise<Answer> {
  try {
    return { result: encode(await redis(words)) };
  } catch (error) {
    if (error instanceof RedisError) return { error: error.message };
    throw error;
  }
}

function parse<Output>(schema: z.ZodType<Output>, body: unknown): Output {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new HttpError(400, "ERR failed to parse command");
  return parsed.data;
}

/** Every string but the status "OK", as Upstash does. */
function toBase64(reply: Reply): Reply {
  if (typeof reply === "string") return reply === "OK" ? reply : Buffer.from(reply).toString("base64");
  if (reply === null || typeof reply === "number") return reply;
  return reply.map(toBase64);
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Runs one task after the other, so that a transaction's commands stay together. */
function createQueue(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}
