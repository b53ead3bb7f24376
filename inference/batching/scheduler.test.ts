import { describe, expect, it } from "vitest";
import { OverloadedError, Scheduler } from "./scheduler.ts";

/** A scheduler whose batches end when the test says so. */
function newScheduler(options: { lanes?: number; batchSize?: number; maxQueue?: number } = {}) {
  const batches: { items: readonly number[]; finish: PromiseWithResolvers<readonly string[]> }[] = [];
  const scheduler = new Scheduler<number, string>({
    lanes: 1,
    batchSize: 3,
    maxQueue: 10,
    ...options,
    cost: (item) => item,
    run: (_, items) => {
      const finish = Promise.withResolvers<readonly string[]>();
      batches.push({ items, finish });
      return finish.promise;
    },
    now: () => 0,
  });
  const finish = async (index: number) => {
    const batch = batches[index];
    batch?.finish.resolve(batch.items.map(String));
    await batch?.finish.promise;
    // The lane is freed and taken again in the turns that follow.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  const sizes = () => batches.map(({ items }) => items);
  return { scheduler, batches, finish, sizes };
}

const turn = () => Promise.resolve();

describe("a scheduler", () => {
  it("starts at once with what is there, and batches what came meanwhile", async () => {
    const { scheduler, finish, sizes } = newScheduler();
    const first = scheduler.submit(5);
    await turn();
    const others = [5, 5, 5, 5].map((item) => scheduler.submit(item));
    await turn();
    expect(sizes()).toEqual([[5]]);
    await finish(0);
    expect(sizes()).toEqual([[5], [5, 5, 5]]);
    await finish(1);
    await finish(2);
    expect(await Promise.all([first, ...others])).toEqual(["5", "5", "5", "5", "5"]);
  });

  it("puts together what costs alike, and lets the oldest go along", async () => {
    const { scheduler, finish, sizes } = newScheduler({ batchSize: 2 });
    for (const item of [1, 90, 3, 88, 2]) void scheduler.submit(item);
    await turn();
    await finish(0);
    await finish(1);
    await finish(2);
    expect(sizes().map((batch) => [...batch].toSorted())).toEqual([[1, 2], [88, 90], [3]]);
  });

  it("uses every lane", async () => {
    const { scheduler, sizes } = newScheduler({ lanes: 2, batchSize: 1 });
    for (const item of [1, 2, 3]) void scheduler.submit(item);
    await turn();
    expect(sizes()).toEqual([[1], [2]]);
  });

  it("refuses what is too much, with a hint when to come back", async () => {
    const { scheduler } = newScheduler({ maxQueue: 2 });
    void scheduler.submit(1);
    await turn();
    void scheduler.submit(2);
    void scheduler.submit(3);
    const refused = scheduler.submit(4);
    await expect(refused).rejects.toThrow(OverloadedError);
    await expect(refused).rejects.toMatchObject({ retryAfterMs: expect.any(Number) });
    expect(scheduler.depth).toBe(2);
  });

  it("gives up what nobody waits for any more", async () => {
    const { scheduler, finish, sizes } = newScheduler({ batchSize: 1 });
    void scheduler.submit(1);
    await turn();
    const caller = new AbortController();
    const given = scheduler.submit(2, caller.signal);
    void scheduler.submit(3);
    caller.abort(new Error("gone"));
    await finish(0);
    await expect(given).rejects.toThrow("gone");
    expect(sizes()).toEqual([[1], [3]]);
  });

  it("fails the items of a batch that breaks, and goes on", async () => {
    const { scheduler, batches, finish } = newScheduler();
    const broken = scheduler.submit(1);
    await turn();
    batches[0]?.finish.reject(new Error("the model broke"));
    await expect(broken).rejects.toThrow("the model broke");
    const next = scheduler.submit(2);
    await turn();
    await finish(1);
    expect(await next).toBe("2");
  });
});
