/** HTTP statuses that Meeshy answers with. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 426 | 429 | 500 | 503;

/** A failure that its cause can mend: a stable code for programs, a sentence that says what to do for people. */
export class AppError extends Error {
  readonly code: string;
  readonly status: ErrorStatus;
  /** Milliseconds after which trying again may help; 0 when waiting does not help. */
  readonly retryAfterMs: number;

  constructor(code: string, status: ErrorStatus, message: string, retryAfterMs = 0) {
    super(message);
    this.name = "AppError";
    this.code = code;
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}
