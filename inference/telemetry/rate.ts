/** How much came per second over the last while, counted in seconds so that memory is bounded. */
export class Rate {
  readonly #windowSeconds: number;
  readonly #now: () => number;
  readonly #startedAt: number;
  /** Amounts by second, oldest first. */
  readonly #seconds = new Map<number, number>();

  /** @param now milliseconds of a monotonic clock */
  constructor(windowSeconds: number, now: () => number) {
    this.#windowSeconds = windowSeconds;
    this.#now = now;
    this.#startedAt = now();
  }

  add(amount: number): void {
    const second = this.#forget();
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + amount);
  }

  get perSecond(): number {
    this.#forget();
    const total = [...this.#seconds.values()].reduce((sum, amount) => sum + amount, 0);
    const age = (this.#now() - this.#startedAt) / 1_000;
    return total / Math.max(1, Math.min(this.#windowSeconds, age));
  }

  /** Drops what is too old; answers with the second that it is now. */
  #forget(): number {
    const second = Math.floor(this.#now() / 1_000);
    for (const old of this.#seconds.keys()) {
      if (old > second - this.#windowSeconds) break;
      this.#seconds.delete(old);
    }
    return second;
  }
}
