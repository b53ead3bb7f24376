/** The queue is full: come back after a while. */
export class OverloadedError extends Error {
  override readonly name = "OverloadedError";
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super("The server has more to translate than it can; try again shortly.");
    this.retryAfterMs = retryAfterMs;
  }
}

/** The caller's deadline passed while its work waited, so it was not started. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";

  constructor() {
    super("The deadline passed before a thread was free.");
  }
}
