/** What can wait in a FairQueue. */
export interface Queued {
  /** Whose it is: callers take turns. */
  readonly caller: string;
  /** Tokens. */
  readonly cost: number;
  /** Ascending in the order of arrival. */
  readonly sequence: number;
}

/** The smallest length bucket holds rows of up to 2^3 tokens: padding a row of three to eight costs next to nothing. */
const smallestBucket = 3;

/** Rows of up to 8 tokens are in bucket 3, of up to 16 in bucket 4, and so on: within one, at most half is padding. */
export const bucketOf = (cost: number): number => Math.max(smallestBucket, Math.ceil(Math.log2(cost)));

/** What one caller has waiting: by bucket, each in the order of arrival. */
class CallerQueue<Work extends Queued> {
  readonly #buckets = new Map<number, Set<Work>>();
  size = 0;

  add(work: Work): void {
    const bucket = bucketOf(work.cost);
    const waiting = this.#buckets.get(bucket) ?? new Set();
    this.#buckets.set(bucket, waiting.add(work));
    this.size += 1;
  }

  delete(work: Work): void {
    const bucket = bucketOf(work.cost);
    const waiting = this.#buckets.get(bucket);
    if (waiting?.delete(work) !== true) return;
    this.size -= 1;
    if (waiting.size === 0) this.#buckets.delete(bucket);
  }

  firstOf(bucket: number): Work | undefined {
    return this.#buckets.get(bucket)?.values().next().value;
  }

  oldest(): Work | undefined {
    let oldest: Work | undefined;
    for (const bucket of this.#buckets.keys()) {
      const first = this.firstOf(bucket);
      if (first !== undefined && first.sequence < (oldest?.sequence ?? Number.POSITIVE_INFINITY)) oldest = first;
    }
    return oldest;
  }

  youngest(): Work | undefined {
    let youngest: Work | undefined;
    for (const waiting of this.#buckets.values()) {
      for (const work of waiting) if (work.sequence > (youngest?.sequence ?? -1)) youngest = work;
    }
    return youngest;
  }
}

/**
 * A queue in which callers take turns, one row each, so that ten thousand rows of one do not hold up another's only row
 * (round robin as in Nagle, "On packet switches with infinite storage", RFC 970).
 */
export class FairQueue<Work extends Queued> {
  /** In the order of their turns. */
  readonly #callers = new Map<string, CallerQueue<Work>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Callers that have something waiting. */
  get callers(): number {
    return this.#callers.size;
  }

  /** Rows that a caller has waiting. */
  sizeOf(caller: string): number {
    return this.#callers.get(caller)?.size ?? 0;
  }

  add(work: Work): void {
    const queue = this.#callers.get(work.caller) ?? new CallerQueue();
    this.#callers.set(work.caller, queue);
    queue.add(work);
    this.#size += 1;
  }

  /** Takes out something that waits here. */
  delete(work: Work): void {
    const queue = this.#callers.get(work.caller);
    if (queue === undefined) return;
    const before = queue.size;
    queue.delete(work);
    this.#size -= before - queue.size;
    if (queue.size === 0) this.#callers.delete(work.caller);
  }

  /** Takes the oldest row of the caller whose turn it is. */
  takeNext(): Work | undefined {
    for (const queue of this.#callers.values()) return this.#take(queue.oldest());
    return undefined;
  }

  /** Takes the next row of a length bucket, in turn; none when that one does not fit. */
  takeOf(bucket: number, fits: (work: Work) => boolean): Work | undefined {
    for (const queue of this.#callers.values()) {
      const first = queue.firstOf(bucket);
      if (first !== undefined) return fits(first) ? this.#take(first) : undefined;
    }
    return undefined;
  }

  /** What has waited longest, whoever's it is. */
  oldest(): Work | undefined {
    const firsts = [...this.#callers.values()].map((queue) => queue.oldest()).filter((work) => work !== undefined);
    return firsts.toSorted((one, other) => one.sequence - other.sequence)[0];
  }

  /** The youngest row of the caller who has most waiting: what hurts least to refuse. */
  mostDispensable(): Work | undefined {
    let largest: CallerQueue<Work> | undefined;
    for (const queue of this.#callers.values()) if (queue.size > (largest?.size ?? 0)) largest = queue;
    return largest?.youngest();
  }

  /** Takes a row; its caller's next turn comes after everybody else's. */
  #take(work: Work | undefined): Work | undefined {
    if (work === undefined) return undefined;
    const queue = this.#callers.get(work.caller);
    this.delete(work);
    if (queue !== undefined && this.#callers.delete(work.caller)) this.#callers.set(work.caller, queue);
    return work;
  }
}
