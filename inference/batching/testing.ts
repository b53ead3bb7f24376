import { Scheduler } from "./scheduler.ts";
import type { Terms } from "./work.ts";

/** A row is its length in tokens, and what tells it from others as long. */
export type Row = readonly [tokens: number, name?: string];

interface Options {
  lanes?: number;
  batchSize?: number;
  batchTokens?: number;
  maxQueue?: number;
}

/** A scheduler whose batches end when the test says so, by a clock that the test moves. */
export function newScheduler(options: Options = {}) {
  const clock = { now: 0 };
  const batches: { rows: readonly Row[]; end: PromiseWithResolvers<readonly string[]> }[] = [];
  const running: typeof batches = [];
  const scheduler = new Scheduler<Row, string>({
    lanes: 1,
    batchSize: 4,
    batchTokens: 1_000,
    maxQueue: 100,
    ...options,
    cost: ([tokens]) => tokens,
    key: String,
    run: (_, rows) => {
      const batch = { rows, end: Promise.withResolvers<readonly string[]>() };
      batches.push(batch);
      running.push(batch);
      return batch.end.promise;
    },
    now: () => clock.now,
  });
  /** Ends the batch that has run longest, and lets what follows from it happen. */
  const finish = async (error?: Error) => {
    const batch = running.shift();
    if (error === undefined) batch?.end.resolve(batch.rows.map(String));
    else batch?.end.reject(error);
    await settle();
  };
  const finishAll = async () => {
    while (running.length > 0) await finish();
  };
  const submit = (row: Row, terms: Partial<Terms> = {}) => {
    const result = scheduler.submit(row, { priority: "live", caller: "", ...terms });
    // A test that cares looks at the promise itself.
    result.catch(() => {});
    return result;
  };
  const names = () => batches.map(({ rows }) => rows.map(([tokens, name]) => name ?? tokens));
  return { scheduler, clock, running, submit, finish, finishAll, names };
}

export const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A scheduler whose lane is taken, so that what is submitted next waits. */
export async function busyScheduler(options: Options = {}) {
  const test = newScheduler(options);
  test.submit([5, "first"]);
  await settle();
  return { ...test, names: () => test.names().slice(1) };
}
