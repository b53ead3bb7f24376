/** Calls back once after some milliseconds. */
export type Defer = (ms: number, callback: () => void) => void;

/**
 * Milliseconds of the isolate's thread that a room's turn takes, whatever is in it: a durable write, and a frame for each
 * socket. Measured on the local stack (docs/performance.md).
 */
const turnMs = { write: 0.35, frame: 0.012 } as const;

/** Milliseconds that nobody waits longer than. */
const longestWindowMs = 40;

/** Share of the thread that turns may take before rooms begin to gather, and up to which they then keep to. */
const busy = { from: 0.15, to: 0.6 } as const;

/** Milliseconds over which arrivals are counted. */
const periodMs = 100;

/** A room among those that share a thread. */
export interface Share {
  /** The period in which it was last counted. */
  countedIn: number;
}

interface Count {
  /** Milliseconds of turns per millisecond, if every frame had a turn of its own. */
  readonly work: number;
  /** Milliseconds that one turn of every active room takes. */
  readonly round: number;
}

const idle: Count = { work: 0, round: 0 };

/**
 * How busy an isolate is: all its rooms share one thread and one disk, so that it is their sum which decides whether an event
 * may have a write and a frame of its own.
 */
export class Load {
  readonly #now: () => number;
  #periodStart = 0;
  #work = 0;
  #round = 0;
  #last = idle;

  /** @param now milliseconds of a clock that does not go back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a frame that arrived in a room with so many sockets. */
  arrived(room: Share, sockets: number): void {
    const now = this.#now();
    const elapsed = now - this.#periodStart;
    if (elapsed >= periodMs) {
      this.#last = elapsed > 10 * periodMs ? idle : { work: this.#work / elapsed, round: this.#round };
      this.#periodStart = now;
      this.#work = 0;
      this.#round = 0;
    }
    const cost = turnMs.write + turnMs.frame * sockets;
    this.#work += cost;
    if (room.countedIn === this.#periodStart) return;
    room.countedIn = this.#periodStart;
    this.#round += cost;
  }

  /** Milliseconds for which a room gathers what arrives; 0: nothing waits. */
  get windowMs(): number {
    const work = Math.max(this.#last.work, this.#work / periodMs);
    const need = Math.min(1, Math.max(0, (work - busy.from) / (busy.to - busy.from)));
    return Math.min(longestWindowMs, (need * Math.max(this.#last.round, this.#round)) / busy.to);
  }
}

export interface PacerParts {
  readonly load: Load;
  readonly now: () => number;
  readonly defer: Defer;
  /** How many sockets the room has. */
  readonly sockets: () => number;
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
  readonly #share: Share = { countedIn: Number.NaN };
  #ranAt = Number.NEGATIVE_INFINITY;
  #isWaiting = false;

  constructor(parts: PacerParts) {
    this.#parts = parts;
  }

  /** To be called when something has been gathered. */
  arrived(): void {
    const { load, now, defer, sockets } = this.#parts;
    load.arrived(this.#share, sockets());
    if (this.#isWaiting) return;
    const waitMs = this.#ranAt + load.windowMs - now();
    if (waitMs <= 0) {
      this.#run();
      return;
    }
    this.#isWaiting = true;
    defer(Math.ceil(waitMs), () => {
      this.#isWaiting = false;
      this.#run();
    });
  }

  #run(): void {
    this.#ranAt = this.#parts.now();
    this.#parts.run();
  }
}
