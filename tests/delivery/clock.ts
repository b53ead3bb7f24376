/** Numbers from 0 inclusive to 1 exclusive, the same ones for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Due {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that passes only when everything due before it has happened: a run of minutes takes milliseconds, and always the same way. */
export class VirtualClock {
  #now = Date.UTC(2026, 10, 24, 12);
  #order = 0;
  /** A binary heap: the earliest first, of equals the one that was asked for first. */
  readonly #heap: Due[] = [];

  now = (): number => this.#now;

  /** Calls back once after `ms`; the returned function cancels. */
  after = (ms: number, callback: () => void): (() => void) => {
    let isWanted = true;
    this.#push({
      at: this.#now + Math.max(0, Math.round(ms)),
      order: this.#order++,
      run: () => isWanted && callback(),
    });
    return () => {
      isWanted = false;
    };
  };

  sleep = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  /** Lets `ms` pass; promises that settle on the way are followed to their ends before time goes on. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      this.#now = next.at;
      next.run();
      for (let turn = 0; turn < 24; turn++) await Promise.resolve();
    }
    this.#now = until;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(due, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const [one, other] = [heap[left], heap[left + 1]];
      const child = other !== undefined && one !== undefined && isBefore(other, one) ? left + 1 : left;
      const earliest = heap[child];
      if (earliest === undefined || !isBefore(earliest, last)) break;
      heap[at] = earliest;
      at = child;
    }
    heap[at] = last;
  }
}

const isBefore = (one: Due, other: Due): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
