export interface BreakerBounds {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Milliseconds it stays open before one call may try. */
  readonly openMs: number;
}

/**
 * Keeps callers from waiting on something that is down. Closed: calls pass. After some failures in a row it opens: no call
 * passes. After a while one call may try; its success closes the breaker, its failure opens it again.
 */
export class CircuitBreaker {
  readonly #bounds: BreakerBounds;
  readonly #now: () => number;
  #failures = 0;
  #tryAt = 0;

  /** @param now milliseconds since the epoch */
  constructor(bounds: BreakerBounds, now: () => number) {
    this.#bounds = bounds;
    this.#now = now;
  }

  /** True when a call would be let through now. */
  get isClosed(): boolean {
    return this.#failures < this.#bounds.failures || this.#now() >= this.#tryAt;
  }

  /** To be called before each call; false: do not call. */
  enter(): boolean {
    if (!this.isClosed) return false;
    // The one that tries keeps the others waiting for as long as an open breaker would.
    if (this.#failures >= this.#bounds.failures) this.#tryAt = this.#now() + this.#bounds.openMs;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures >= this.#bounds.failures) this.#tryAt = this.#now() + this.#bounds.openMs;
  }
}
