/** Calls back once after some milliseconds. */
export type Defer = (ms: number, callback: () => void) => void;

/** Frames per second, over all rooms of an isolate, from which on they are gathered, and for how many milliseconds. */
const windows = [
  { above: 4_000, ms: 20 },
  { above: 1_000, ms: 10 },
  { above: 250, ms: 4 },
] as const;

/** Milliseconds over which arrivals are counted. */
const periodMs = 100;

/**
 * How busy an isolate is: all its rooms share one thread and one disk, so that it is their sum which decides whether an event
 * may have a write and a frame of its own.
 */
export class Load {
  readonly #now: () => number;
  #periodStart = 0;
  #count = 0;
  #perSecond = 0;

  /** @param now milliseconds of a clock that does not go back */
  constructor(now: () => number) {
    this.#now = now;
  }

  arrived(): void {
    const now = this.#now();
    const elapsed = now - this.#periodStart;
    if (elapsed >= periodMs) {
      this.#perSecond = elapsed > 10 * periodMs ? 0 : (this.#count * 1_000) / elapsed;
      this.#periodStart = now;
      this.#count = 0;
    }
    this.#count += 1;
  }

  /** Milliseconds for which a room gathers what arrives; 0: nothing waits. */
  get windowMs(): number {
    const perSecond = Math.max(this.#perSecond, (this.#count * 1_000) / periodMs);
    return windows.find(({ above }) => perSecond > above)?.ms ?? 0;
  }
}

export interface PacerParts {
  readonly load: Load;
  readonly now: () => number;
  readonly defer: Defer;
  /** Handles everything that has been gathered. */
  readonly run: () => void;
}

/**
 * Group commit and coalescing: while an isolate is quiet, what arrives is handled at once. Under load a room handles what
 * arrived within a few milliseconds in one turn, which makes one durable write and one frame per group of readers of it. The
 * first event after a pause never waits.
 */
export class Pacer {
  readonly #parts: PacerParts;
  #ranAt = Number.NEGATIVE_INFINITY;
  #isWaiting = false;

  constructor(parts: PacerParts) {
    this.#parts = parts;
  }

  /** To be called when something has been gathered. */
  arrived(): void {
    const { load, now, defer } = this.#parts;
    load.arrived();
    if (this.#isWaiting) return;
    const waitMs = this.#ranAt + load.windowMs - now();
    if (waitMs <= 0) {
      this.#run();
      return;
    }
    this.#isWaiting = true;
    defer(waitMs, () => {
      this.#isWaiting = false;
      this.#run();
    });
  }

  #run(): void {
    this.#ranAt = this.#parts.now();
    this.#parts.run();
  }
}
