import { DeadlineError, OverloadedError } from "./errors.ts";
import { FairQueue } from "./fair-queue.ts";
import { fillBatch } from "./fill-batch.ts";
import { bareTerms, type Priority, type Terms, Work } from "./work.ts";

export interface SchedulerOptions<Item, Result> {
  /** Batches that may run at once. */
  readonly lanes: number;
  /** Rows in one batch at most. */
  readonly batchSize: number;
  /** Tokens in one batch at most, padding included; a row that is longer runs alone. */
  readonly batchTokens: number;
  /** Rows that may wait at most. */
  readonly maxQueue: number;
  /** Tokens of a row: a batch is made of rows that are about as long. */
  readonly cost: (item: Item) => number;
  /** Rows with the same key have the same result. */
  readonly key: (item: Item) => string;
  readonly run: (lane: number, items: readonly Item[]) => Promise<readonly Result[]>;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly observe?: { batch(waitedMs: readonly number[], ranMs: number): void };
}

/** What waits, and what became of what does not. */
export interface QueueStats {
  /** Rows that wait. */
  readonly waiting: Readonly<Record<Priority, number>>;
  /** Milliseconds the oldest of them has waited. */
  readonly oldestMs: Readonly<Record<Priority, number>>;
  /** Callers that have rows waiting. */
  readonly callers: number;
  readonly lanes: number;
  /** Batches that run. */
  readonly running: number;
  readonly maxQueue: number;
  /** Milliseconds of a lane's time that a row has taken lately. */
  readonly msPerRow: number;
  /** Since the start: rows that found the queue full, that everybody had given up, whose deadline passed, that were waited for already. */
  readonly refused: number;
  readonly canceled: number;
  readonly expired: number;
  readonly shared: number;
}

/** While batch jobs wait, every so many batches is theirs, however many live rows there are. */
const batchJobsEvery = 8;

/**
 * Forms batches of what is waiting whenever a lane is free: nothing waits for a batch to fill. Live rows go before batch
 * jobs, callers take turns, and a batch is filled from the length bucket of its first row, then from the buckets beside it,
 * so that little of it is padding. Rows that are asked for twice at a time run once.
 */
export class Scheduler<Item, Result> {
  readonly #options: SchedulerOptions<Item, Result>;
  readonly #free: number[];
  readonly #queues = { live: new FairQueue<Work<Item, Result>>(), batch: new FairQueue<Work<Item, Result>>() };
  /** Everything that waits or runs. */
  readonly #works = new Map<string, Work<Item, Result>>();
  readonly #counts = { refused: 0, canceled: 0, expired: 0, shared: 0 };
  #sequence = 0;
  #liveBatches = 0;
  #msPerRow = 5;
  /** Resolves when rows may have left the queue. */
  #room = Promise.withResolvers<void>();
  #isStarting = false;

  constructor(options: SchedulerOptions<Item, Result>) {
    this.#options = options;
    this.#free = Array.from({ length: options.lanes }, (_, lane) => lane);
  }

  get stats(): QueueStats {
    const { lanes, maxQueue, now } = this.#options;
    const { live, batch } = this.#queues;
    const age = (work: Work<Item, Result> | undefined) => (work === undefined ? 0 : now() - work.since);
    return {
      waiting: { live: live.size, batch: batch.size },
      oldestMs: { live: age(live.oldest()), batch: age(batch.oldest()) },
      callers: live.callers + batch.callers,
      lanes,
      running: lanes - this.#free.length,
      maxQueue,
      msPerRow: this.#msPerRow,
      ...this.#counts,
    };
  }

  get depth(): number {
    return this.#queues.live.size + this.#queues.batch.size;
  }

  /**
   * @throws OverloadedError when too many wait, at once or when a caller with less takes the place, unless the terms are to
   * wait for room; DeadlineError when the deadline passed meanwhile; the signal's reason when given up; what `run` throws
   */
  async submit(item: Item, terms: Terms = bareTerms): Promise<Result> {
    while (true) {
      try {
        return await this.#submit(item, terms);
      } catch (error) {
        if (!(error instanceof OverloadedError) || terms.waitsForRoom !== true) throw error;
        await this.#room.promise;
      }
    }
  }

  #submit(item: Item, terms: Terms): Promise<Result> {
    if (terms.signal?.aborted) return Promise.reject(terms.signal.reason);
    const key = this.#options.key(item);
    const known = this.#works.get(key);
    if (known !== undefined) return this.#join(known, terms);
    if (!this.#makeRoom(terms)) return Promise.reject(this.#refusal());
    const { cost, now } = this.#options;
    const work = new Work<Item, Result>(
      { key, item, cost: cost(item), sequence: this.#sequence++, since: now() },
      terms,
    );
    this.#works.set(key, work);
    this.#queues[work.priority].add(work);
    this.#start();
    return this.#wait(work, terms);
  }

  /** Waits for what somebody else asked for already; a live caller hurries it. */
  #join(work: Work<Item, Result>, terms: Terms): Promise<Result> {
    this.#counts.shared += 1;
    if (!work.isRunning && terms.priority === "live" && work.priority === "batch") {
      this.#queues.batch.delete(work);
      work.hurry(terms.caller);
      this.#queues.live.add(work);
    }
    return this.#wait(work, terms);
  }

  #wait(work: Work<Item, Result>, terms: Terms): Promise<Result> {
    return work.wait(terms, () => {
      if (work.isRunning) return;
      this.#counts.canceled += 1;
      this.#drop(work);
    });
  }

  #drop(work: Work<Item, Result>): void {
    this.#queues[work.priority].delete(work);
    this.#works.delete(work.key);
  }

  /**
   * True when one more may wait. In a full queue a live row takes the place of a batch job's, and a caller that of the one
   * who has most waiting, so that nobody can fill the queue for everybody.
   */
  #makeRoom({ priority, caller }: Terms): boolean {
    if (this.depth < this.#options.maxQueue) return true;
    const isOutranked = priority === "live" && this.#queues.batch.size > 0;
    const queue = isOutranked ? this.#queues.batch : this.#queues[priority];
    const victim = queue.mostDispensable();
    if (victim === undefined) return false;
    if (!isOutranked && queue.sizeOf(victim.caller) <= queue.sizeOf(caller) + 1) return false;
    this.#drop(victim);
    victim.fail(this.#refusal());
    return true;
  }

  #refusal(): OverloadedError {
    this.#counts.refused += 1;
    const drainMs = (this.depth * this.#msPerRow) / this.#options.lanes;
    return new OverloadedError(Math.ceil(Math.min(10_000, Math.max(50, drainMs / 2))));
  }

  /** Starts the free lanes once what is being submitted in this turn is in the queue. */
  #start(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    queueMicrotask(() => {
      this.#isStarting = false;
      while (this.#free.length > 0 && this.depth > 0) {
        const batch = this.#take();
        const lane = batch.length === 0 ? undefined : this.#free.pop();
        if (lane !== undefined) void this.#run(lane, batch);
      }
      this.#room.resolve();
      this.#room = Promise.withResolvers();
    });
  }

  #take(): Work<Item, Result>[] {
    const { live, batch } = this.#queues;
    const isTheirTurn = batch.size > 0 && (live.size === 0 || this.#liveBatches >= batchJobsEvery - 1);
    this.#liveBatches = isTheirTurn || batch.size === 0 ? 0 : this.#liveBatches + 1;
    // Batch jobs' own turns take live rows along; a live batch is not made longer for them.
    const queues = isTheirTurn ? [batch, live] : [live];
    const rows = fillBatch(queues, this.#options, (work) => this.#isWanted(work));
    for (const work of rows) work.isRunning = true;
    return rows;
  }

  /** False when nobody waits for it any more; those whose deadlines have passed are told so. */
  #isWanted(work: Work<Item, Result>): boolean {
    const isWanted = work.expire(this.#options.now(), new DeadlineError());
    if (!isWanted) {
      this.#counts.expired += 1;
      this.#works.delete(work.key);
    }
    return isWanted;
  }

  async #run(lane: number, batch: readonly Work<Item, Result>[]): Promise<void> {
    const { run, now, observe } = this.#options;
    const startedAt = now();
    try {
      const results = await run(
        lane,
        batch.map(({ item }) => item),
      );
      batch.forEach((work, index) => {
        const result = results[index];
        if (result === undefined) work.fail(new Error("The engine left a row out."));
        else work.succeed(result);
      });
    } catch (error) {
      for (const work of batch) work.fail(error);
    } finally {
      for (const { key } of batch) this.#works.delete(key);
      const ranMs = now() - startedAt;
      this.#msPerRow += (ranMs / batch.length - this.#msPerRow) * 0.1;
      observe?.batch(
        batch.map(({ since }) => startedAt - since),
        ranMs,
      );
      this.#free.push(lane);
      this.#start();
    }
  }
}
