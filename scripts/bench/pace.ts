/** Calls `send` at its intended times; a late call does not move the later ones. Answers with these times, in order. */
export async function pace(
  { count, intervalMs }: { readonly count: number; readonly intervalMs: number },
  send: (index: number) => void,
): Promise<number[]> {
  const intended: number[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < count; index++) {
    const at = startedAt + index * intervalMs;
    const wait = at - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    intended.push(at);
    send(index);
  }
  return intended;
}

/** Waits until what is counted has not grown for so long; the reader of a benchmark has then all that will come. */
export async function untilQuiet(count: () => number, quietMs: number): Promise<void> {
  let last = count();
  let since = performance.now();
  while (performance.now() - since < quietMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (count() === last) continue;
    last = count();
    since = performance.now();
  }
}
