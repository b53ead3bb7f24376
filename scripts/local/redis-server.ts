import { once } from "node:events";
import { connect } from "node:net";
import { type Redis, RedisError, type Reply } from "./redis-commands.ts";

/** A Redis server, reached over its own protocol (RESP 2). */
export interface RedisConnection {
  readonly run: Redis;
  close(): Promise<void>;
}

/** Connects to `redis://host:port`, without a password: for tests on this machine. */
export async function connectRedis(url: string): Promise<RedisConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: port === "" ? 6379 : Number(port), noDelay: true });
  await once(socket, "connect");
  const waiting: { resolve(reply: Reply): void; reject(error: Error): void }[] = [];
  let received = Buffer.alloc(0);

  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    for (let parsed = parse(received, 0); parsed !== undefined; parsed = parse(received, 0)) {
      received = received.subarray(parsed.end);
      const { reply } = parsed;
      if (reply instanceof RedisError) waiting.shift()?.reject(reply);
      else waiting.shift()?.resolve(reply);
    }
  });
  socket.on("close", () => {
    for (const { reject } of waiting.splice(0)) reject(new Error("The Redis server closed the connection."));
  });

  return {
    run: (command) => {
      const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      socket.write(`*${command.length}\r\n${words.join("")}`);
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
      });
    },
    async close() {
      socket.end();
      await once(socket, "close");
    },
  };
}

interface Parsed {
  readonly reply: Reply | RedisError;
  readonly end: number;
}

/** The reply that begins at `start`; undefined while it is incomplete. */
function parse(bytes: Buffer, start: number): Parsed | undefined {
  const lineEnd = bytes.indexOf("\r\n", start);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString("utf8", start + 1, lineEnd);
  const next = lineEnd + 2;
  switch (bytes.toString("latin1", start, start + 1)) {
    case "+":
      return { reply: line, end: next };
    case "-":
      return { reply: new RedisError(line), end: next };
    case ":":
      return { reply: Number(line), end: next };
    case "$":
      return parseBulk(bytes, next, Number(line));
    case "*":
      return parseArray(bytes, next, Number(line));
    default:
      throw new Error("The Redis server sent something that is not RESP 2.");
  }
}

function parseBulk(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: start };
  const end = start + length + 2;
  return bytes.length < end ? undefined : { reply: bytes.toString("utf8", start, start + length), end };
}

function parseArray(bytes: Buffer, start: number, length: number): Parsed | undefined {
  if (length < 0) return { reply: null, end: start };
  const items: Reply[] = [];
  let end = start;
  for (let index = 0; index < length; index += 1) {
    const item = parse(bytes, end);
    if (item === undefined) return undefined;
    if (item.reply instanceof RedisError) return { reply: item.reply, end: item.end };
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}
