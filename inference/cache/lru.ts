export interface CacheStats {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
  readonly expirations: number;
}

export interface LruOptions<Value> {
  readonly maxBytes: number;
  /** Milliseconds that an entry lives. */
  readonly ttlMs: number;
  /** Bytes that an entry takes, about. */
  readonly sizeOf: (key: string, value: Value) => number;
  /** Milliseconds of any clock that does not go back. */
  readonly now: () => number;
}

/** Keeps what was used last within a bound of bytes, and nothing beyond its time. */
export class LruCache<Value> {
  readonly #options: LruOptions<Value>;
  /** In the order of use: a Map keeps the order of insertion. */
  readonly #entries = new Map<string, { value: Value; bytes: number; expiresAt: number }>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;
  #expirations = 0;

  constructor(options: LruOptions<Value>) {
    this.#options = options;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined && entry.expiresAt <= this.#options.now()) {
      this.#remove(key);
      this.#expirations += 1;
      this.#misses += 1;
      return undefined;
    }
    if (entry === undefined) {
      this.#misses += 1;
      return undefined;
    }
    this.#hits += 1;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value): void {
    const { maxBytes, ttlMs, sizeOf, now } = this.#options;
    const bytes = sizeOf(key, value);
    this.#remove(key);
    if (bytes > maxBytes) return;
    this.#entries.set(key, { value, bytes, expiresAt: now() + ttlMs });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= maxBytes) break;
      this.#remove(oldest);
      this.#evictions += 1;
    }
  }

  get stats(): CacheStats {
    return {
      entries: this.#entries.size,
      bytes: this.#bytes,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      expirations: this.#expirations,
    };
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(key);
  }
}
