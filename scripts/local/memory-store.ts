/** A value of Redis, of the two types that we use. */
export type Value = string | ReadonlyMap<string, string>;

interface Entry {
  readonly value: Value;
  readonly size: number;
  /** Milliseconds since the epoch; undefined: lives until it is evicted. */
  expiresAt: number | undefined;
}

/** A bounded map with expiry: when it is full, the entry that was not used for longest goes (Redis' allkeys-lru). */
export class MemoryStore {
  // A Map keeps insertion order; every use moves the key to the end, so the first key is the least recently used.
  readonly #entries = new Map<string, Entry>();
  readonly #maxCharacters: number;
  readonly #now: () => number;
  #characters = 0;

  /** @param maxCharacters bound of all keys and values together, in UTF-16 code units (two bytes each at most) */
  constructor(maxCharacters: number, now: () => number) {
    this.#maxCharacters = maxCharacters;
    this.#now = now;
  }

  get(key: string): Value | undefined {
    const entry = this.#live(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Stores a value; `expiresAt` undefined: without expiry. */
  set(key: string, value: Value, expiresAt: number | undefined): void {
    this.#remove(key);
    const size = key.length + sizeOf(value);
    this.#entries.set(key, { value, size, expiresAt });
    this.#characters += size;
    for (const oldest of this.#entries.keys()) {
      if (this.#characters <= this.#maxCharacters) break;
      this.#remove(oldest);
    }
  }

  /** False when there is no such key. */
  delete(key: string): boolean {
    return this.#live(key) !== undefined && this.#remove(key);
  }

  /** Milliseconds since the epoch; null: never; undefined: no such key. */
  expiry(key: string): number | null | undefined {
    const entry = this.#live(key);
    return entry === undefined ? undefined : (entry.expiresAt ?? null);
  }

  /** Does nothing when there is no such key. */
  expireAt(key: string, time: number): void {
    const entry = this.#live(key);
    if (entry !== undefined) entry.expiresAt = time;
  }

  clear(): void {
    this.#entries.clear();
    this.#characters = 0;
  }

  get size(): number {
    return this.#entries.size;
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry?.expiresAt === undefined || entry.expiresAt > this.#now()) return entry;
    this.#remove(key);
    return undefined;
  }

  #remove(key: string): boolean {
    this.#characters -= this.#entries.get(key)?.size ?? 0;
    return this.#entries.delete(key);
  }
}

function sizeOf(value: Value): number {
  if (typeof value === "string") return value.length;
  let size = 0;
  for (const [field, text] of value) size += field.length + text.length;
  return size;
}
