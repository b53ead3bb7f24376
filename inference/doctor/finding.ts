/**
 * What the doctor found. `ok`: as it has to be; `absent`: something optional is not there; `warning`: it serves, but look
 * at it; `failure`: it cannot serve.
 */
export interface Finding {
  readonly status: "ok" | "absent" | "warning" | "failure";
  readonly what: string;
  /** What to do about it; empty: nothing. */
  readonly advice: string;
}

export const ok = (what: string): Finding => ({ status: "ok", what, advice: "" });
export const absent = (what: string, advice: string): Finding => ({ status: "absent", what, advice });
export const warning = (what: string, advice: string): Finding => ({ status: "warning", what, advice });
export const failure = (what: string, advice: string): Finding => ({ status: "failure", what, advice });
