import { expect, it } from "vitest";
import { QueueTotals } from "./queue-totals.ts";
import { busyScheduler, newScheduler } from "./testing.ts";

it("sums what waits in several queues, and takes the oldest of all", async () => {
  const [one, other, totals] = [await busyScheduler(), await busyScheduler({ maxQueue: 50 }), new QueueTotals()];
  for (const { scheduler } of [one, other]) totals.add("m", () => scheduler.stats);
  one.submit([5, "a"], { caller: "ana" });
  other.submit([5, "b"], { priority: "batch", caller: "bob" });
  other.submit([5, "c"], { caller: "ana" });
  one.clock.now = 30;
  other.clock.now = 20;
  expect(totals.stats).toMatchObject({
    waiting: { live: 2, batch: 1 },
    oldestMs: { live: 30, batch: 20 },
    callers: 3,
    lanes: 2,
    running: 2,
    maxQueue: 150,
  });
});

it("weighs the speed of a queue by what waits in it", () => {
  const { stats } = newScheduler().scheduler;
  const totals = new QueueTotals();
  totals.add("a", () => ({ ...stats, waiting: { live: 3, batch: 0 }, msPerRow: 10 }));
  totals.add("b", () => ({ ...stats, waiting: { live: 0, batch: 1 }, msPerRow: 50 }));
  totals.add("c", () => ({ ...stats, msPerRow: 1_000 }));
  expect(totals.stats.msPerRow).toBe(20);
});

it("keeps the counts of a queue that has closed, and nothing else of it", async () => {
  const { scheduler, submit } = await busyScheduler({ maxQueue: 1 });
  const totals = new QueueTotals();
  const close = totals.add("m", () => scheduler.stats);
  submit([5, "a"]);
  submit([5, "b"]);
  close();
  close();
  expect(totals.stats).toMatchObject({ refused: 1, waiting: { live: 0, batch: 0 }, lanes: 0, msPerRow: 0 });
});

it("says of each name what its queues have counted, and goes on when one comes back", async () => {
  const [one, other] = [await busyScheduler({ maxQueue: 1 }), await busyScheduler({ maxQueue: 1 })];
  const totals = new QueueTotals();
  for (const { scheduler, submit } of [one, other]) {
    const close = totals.add("m", () => scheduler.stats);
    submit([5, "a"]);
    submit([5, "b"]);
    close();
  }
  totals.add("n", () => one.scheduler.stats);
  expect(totals.byName).toMatchObject([
    { name: "m", refused: 2, lanes: 0 },
    { name: "n", refused: 1, lanes: 1, waiting: { live: 1, batch: 0 } },
  ]);
});
