import { MemoryStore, type Value } from "./memory-store.ts";

export type Reply = string | number | null | readonly Reply[];

/** An error as Redis words it: "ERR syntax error". */
export class RedisError extends Error {}

/** Runs one command, such as ["SET", "key", "value", "EX", "60"]; throws RedisError. */
export type Redis = (command: readonly string[]) => Promise<Reply>;

/**
 * The commands that Meeshy and its scripts use, in memory, as Redis 7 answers them.
 *
 * @param maxCharacters bound of what is kept, in UTF-16 code units; beyond it, the least recently used key goes
 * @param now milliseconds since the epoch
 */
export function createMemoryRedis(maxCharacters = 32 * 1024 * 1024, now: () => number = Date.now): Redis {
  const store = new MemoryStore(maxCharacters, now);
  return async ([name = "", ...args]) => {
    const command = commands.get(name.toUpperCase());
    if (command === undefined) throw new RedisError(`ERR unknown command '${name}'`);
    const [min, max] = command.arity;
    if (args.length < min || args.length > max) {
      throw new RedisError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
    }
    return command.run({ store, now: now() }, args);
  };
}

interface Context {
  readonly store: MemoryStore;
  readonly now: number;
}

interface Command {
  readonly arity: readonly [min: number, max: number];
  readonly run: (context: Context, args: readonly string[]) => Reply;
}

const many = Number.POSITIVE_INFINITY;

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["PING", { arity: [0, 1], run: (_, [text = "PONG"]) => text }],
  ["DBSIZE", { arity: [0, 0], run: ({ store }) => store.size }],
  ["FLUSHDB", { arity: [0, 1], run: flush }],

  ["GET", { arity: [1, 1], run: ({ store }, [key = ""]) => text(store.get(key)) }],
  ["SET", { arity: [2, 5], run: set }],
  ["MGET", { arity: [1, many], run: ({ store }, keys) => keys.map((key) => textOrNull(store.get(key))) }],
  ["MSET", { arity: [2, many], run: setMany }],
  ["DEL", { arity: [1, many], run: ({ store }, keys) => count(keys, (key) => store.delete(key)) }],
  ["EXISTS", { arity: [1, many], run: ({ store }, keys) => count(keys, (key) => store.get(key) !== undefined) }],
  ["INCR", { arity: [1, 1], run: ({ store }, [key = ""]) => increment(store, key, 1) }],
  ["INCRBY", { arity: [2, 2], run: ({ store }, [key = "", by = ""]) => increment(store, key, integer(by)) }],

  ["EXPIRE", { arity: [2, 3], run: (context, args) => expire(context, args, 1000) }],
  ["PEXPIRE", { arity: [2, 3], run: (context, args) => expire(context, args, 1) }],
  ["TTL", { arity: [1, 1], run: (context, [key = ""]) => timeToLive(context, key, 1000) }],
  ["PTTL", { arity: [1, 1], run: (context, [key = ""]) => timeToLive(context, key, 1) }],

  ["HSET", { arity: [3, many], run: setFields }],
  ["HGET", { arity: [2, 2], run: ({ store }, [key = "", field = ""]) => hash(store.get(key))?.get(field) ?? null }],
  ["HGETALL", { arity: [1, 1], run: ({ store }, [key = ""]) => [...(hash(store.get(key)) ?? [])].flat() }],
]);

function flush({ store }: Context): Reply {
  store.clear();
  return "OK";
}

function set({ store, now }: Context, [key = "", value = "", ...options]: readonly string[]): Reply {
  let expiresAt: number | undefined;
  let condition: "NX" | "XX" | undefined;
  const rest = [...options];
  for (let option = rest.shift(); option !== undefined; option = rest.shift()) {
    const name = option.toUpperCase();
    if ((name === "EX" || name === "PX") && expiresAt === undefined) {
      expiresAt = now + positive(rest.shift()) * (name === "EX" ? 1000 : 1);
    } else if ((name === "NX" || name === "XX") && condition === undefined) {
      condition = name;
    } else {
      throw new RedisError("ERR syntax error");
    }
  }
  const exists = store.expiry(key) !== undefined;
  if ((condition === "NX" && exists) || (condition === "XX" && !exists)) return null;
  store.set(key, value, expiresAt);
  return "OK";
}

function setMany({ store }: Context, args: readonly string[]): Reply {
  for (const [key, value] of pairs(args, "mset")) store.set(key, value, undefined);
  return "OK";
}

function increment(store: MemoryStore, key: string, by: number): Reply {
  const value = integer(text(store.get(key)) ?? "0") + by;
  if (!Number.isSafeInteger(value)) throw new RedisError("ERR increment or decrement would overflow");
  store.set(key, String(value), store.expiry(key) ?? undefined);
  return value;
}

function expire({ store, now }: Context, [key = "", time = "", option = ""]: readonly string[], unit: number): Reply {
  const expiresAt = now + integer(time) * unit;
  const condition = option.toUpperCase();
  if (!["", "NX", "XX"].includes(condition)) throw new RedisError(`ERR Unsupported option ${option}`);
  const old = store.expiry(key);
  if (old === undefined) return 0;
  if ((condition === "NX" && old !== null) || (condition === "XX" && old === null)) return 0;
  if (expiresAt <= now) store.delete(key);
  else store.expireAt(key, expiresAt);
  return 1;
}

/** Redis' -2: no such key; -1: never expires. */
function timeToLive({ store, now }: Context, key: string, unit: number): Reply {
  const expiresAt = store.expiry(key);
  if (expiresAt === undefined) return -2;
  return expiresAt === null ? -1 : Math.round((expiresAt - now) / unit);
}

function setFields({ store }: Context, [key = "", ...args]: readonly string[]): Reply {
  const fields = new Map(hash(store.get(key)));
  const before = fields.size;
  for (const [field, value] of pairs(args, "hset")) fields.set(field, value);
  store.set(key, fields, store.expiry(key) ?? undefined);
  return fields.size - before;
}

function pairs(args: readonly string[], command: string): [string, string][] {
  if (args.length % 2 !== 0) throw new RedisError(`ERR wrong number of arguments for '${command}' command`);
  return args.flatMap((name, index) => (index % 2 === 0 ? [[name, args[index + 1] ?? ""]] : []));
}

function integer(argument: string): number {
  if (!/^-?\d{1,15}$/.test(argument)) throw new RedisError("ERR value is not an integer or out of range");
  return Number(argument);
}

function positive(argument: string | undefined): number {
  if (argument === undefined) throw new RedisError("ERR syntax error");
  const value = integer(argument);
  if (value <= 0) throw new RedisError("ERR invalid expire time in 'set' command");
  return value;
}

function text(value: Value | undefined): string | null {
  if (value === undefined || typeof value === "string") return value ?? null;
  throw wrongType();
}

const textOrNull = (value: Value | undefined): string | null => (typeof value === "string" ? value : null);

function hash(value: Value | undefined): ReadonlyMap<string, string> | undefined {
  if (typeof value === "string") throw wrongType();
  return value;
}

const wrongType = () => new RedisError("WRONGTYPE Operation against a key holding the wrong kind of value");

const count = (items: readonly string[], happened: (item: string) => boolean): number => items.filter(happened).length;
