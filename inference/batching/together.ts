import type { Terms } from "./work.ts";

/** Does work whose parts are of no use without each other: when it fails, what still waits of it is given up. */
export async function together<Result>(terms: Terms, work: (terms: Terms) => Promise<Result>): Promise<Result> {
  const failed = new AbortController();
  const signal = terms.signal === undefined ? failed.signal : AbortSignal.any([terms.signal, failed.signal]);
  try {
    return await work({ ...terms, signal });
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}
