import type { Queued } from "./fair-queue.ts";

/** Live: somebody waits for it now. Batch: a job that may take a while. */
export const priorities = ["live", "batch"] as const;
export type Priority = (typeof priorities)[number];

/** On which terms work is asked for. */
export interface Terms {
  readonly priority: Priority;
  /** Who asks: callers take turns. */
  readonly caller: string;
  /** Gives the work up. */
  readonly signal?: AbortSignal | undefined;
  /** When nobody waits for it any more, in milliseconds of the scheduler's clock. */
  readonly deadline?: number | undefined;
  /** Waits while the queue is full instead of being refused. */
  readonly waitsForRoom?: boolean;
}

/** Of who says nothing: somebody waits, for as long as it takes. */
export const bareTerms: Terms = { priority: "live", caller: "" };

interface Waiter<Result> {
  readonly deadline: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Stops listening to the signal. */
  readonly leave: () => void;
}

/** One row to run, and everybody who waits for it. */
export class Work<Item, Result> implements Queued {
  readonly key: string;
  readonly item: Item;
  readonly cost: number;
  readonly sequence: number;
  /** When it was first asked for. */
  readonly since: number;
  isRunning = false;
  #priority: Priority;
  #caller: string;
  readonly #waiters = new Set<Waiter<Result>>();

  constructor(
    row: Pick<Work<Item, Result>, "key" | "item" | "cost" | "sequence" | "since">,
    { priority, caller }: Terms,
  ) {
    this.key = row.key;
    this.item = row.item;
    this.cost = row.cost;
    this.sequence = row.sequence;
    this.since = row.since;
    this.#priority = priority;
    this.#caller = caller;
  }

  get priority(): Priority {
    return this.#priority;
  }

  get caller(): string {
    return this.#caller;
  }

  /** Somebody waits for it now. To be called while it is in no queue: queues know it by its caller. */
  hurry(caller: string): void {
    this.#priority = "live";
    this.#caller = caller;
  }

  /** @param abandoned called when the last who waited has given up */
  wait({ signal, deadline = Number.POSITIVE_INFINITY }: Terms, abandoned: () => void): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiters.delete(waiter);
        reject(signal?.reason);
        if (this.#waiters.size === 0) abandoned();
      };
      const leave = () => signal?.removeEventListener("abort", giveUp);
      const waiter = { deadline, resolve, reject, leave };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Tells those whose deadline has passed; true when somebody still waits. */
  expire(now: number, error: unknown): boolean {
    for (const waiter of this.#waiters) {
      if (waiter.deadline > now) continue;
      this.#waiters.delete(waiter);
      waiter.leave();
      waiter.reject(error);
    }
    return this.#waiters.size > 0;
  }

  succeed(result: Result): void {
    this.#settle(({ resolve }) => resolve(result));
  }

  fail(error: unknown): void {
    this.#settle(({ reject }) => reject(error));
  }

  #settle(tell: (waiter: Waiter<Result>) => void): void {
    for (const waiter of this.#waiters) {
      waiter.leave();
      tell(waiter);
    }
    this.#waiters.clear();
  }
}
