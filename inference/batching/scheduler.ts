/** The queue is full: come back after a while. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super("The server has more to translate than it can; try again shortly.");
    this.retryAfterMs = retryAfterMs;
  }
}

export interface SchedulerOptions<Item, Result> {
  /** Batches that may run at once. */
  readonly lanes: number;
  /** Items in one batch at most. */
  readonly batchSize: number;
  /** Items that may wait at most. */
  readonly maxQueue: number;
  /** What running an item costs, such as its length: a batch is made of items that cost alike. */
  readonly cost: (item: Item) => number;
  readonly run: (lane: number, items: readonly Item[]) => Promise<readonly Result[]>;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly observe?: { batch(size: number, waitedMs: number, ranMs: number): void };
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly cost: number;
  readonly since: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Forms batches of what is waiting whenever a lane is free: nothing waits for a batch to fill. The oldest item always goes
 * along; the rest are those nearest to it in cost, so that little of a batch is padding.
 */
export class Scheduler<Item, Result> {
  readonly #options: SchedulerOptions<Item, Result>;
  readonly #free: number[];
  #queue: Waiting<Item, Result>[] = [];
  /** Milliseconds an item has taken lately, of a lane's time. */
  #msPerItem = 5;
  #isStarting = false;

  constructor(options: SchedulerOptions<Item, Result>) {
    this.#options = options;
    this.#free = Array.from({ length: options.lanes }, (_, lane) => lane);
  }

  get depth(): number {
    return this.#queue.length;
  }

  /**
   * @param signal gives the item up while it waits
   * @throws OverloadedError when too many wait; the signal's reason when given up; what `run` throws
   */
  submit(item: Item, signal?: AbortSignal): Promise<Result> {
    const { maxQueue, cost, now, lanes } = this.#options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#queue.length >= maxQueue) {
      const drainMs = (this.#queue.length * this.#msPerItem) / lanes;
      return Promise.reject(new OverloadedError(Math.ceil(Math.min(10_000, Math.max(50, drainMs / 2)))));
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, cost: cost(item), since: now(), signal, resolve, reject });
      this.#start();
    });
  }

  /** Starts the free lanes once what is being submitted in this turn is in the queue. */
  #start(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    queueMicrotask(() => {
      this.#isStarting = false;
      while (this.#free.length > 0) {
        const batch = this.#take();
        if (batch.length === 0) return;
        const lane = this.#free.pop();
        if (lane !== undefined) void this.#run(lane, batch);
      }
    });
  }

  #take(): Waiting<Item, Result>[] {
    for (const { signal, reject } of this.#queue) if (signal?.aborted) reject(signal.reason);
    this.#queue = this.#queue.filter(({ signal }) => !signal?.aborted);
    const [oldest] = this.#queue;
    if (oldest === undefined) return [];
    const distance = ({ cost }: Waiting<Item, Result>) => Math.abs(cost - oldest.cost);
    const batch = this.#queue
      .toSorted((one, other) => distance(one) - distance(other) || one.since - other.since)
      .slice(0, this.#options.batchSize);
    const taken = new Set(batch);
    this.#queue = this.#queue.filter((waiting) => !taken.has(waiting));
    return batch;
  }

  async #run(lane: number, batch: readonly Waiting<Item, Result>[]): Promise<void> {
    const { run, now, observe } = this.#options;
    const startedAt = now();
    try {
      const results = await run(
        lane,
        batch.map(({ item }) => item),
      );
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error("The engine left an item out."));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      const ranMs = now() - startedAt;
      this.#msPerItem += (ranMs / batch.length - this.#msPerItem) * 0.1;
      observe?.batch(batch.length, startedAt - (batch[0]?.since ?? startedAt), ranMs);
      this.#free.push(lane);
      this.#start();
    }
  }
}
