/** An error and what led to it, in one line for people. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ${sentenceOf(error.cause)}`;
}
