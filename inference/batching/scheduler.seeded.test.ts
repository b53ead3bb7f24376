import { expect, it } from "vitest";
import { newScheduler, type Row } from "./testing.ts";

/** Numbers from 0 inclusive to 1 exclusive, the same for the same seed ("Numerical Recipes", ranqd1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

it.each(Array.from({ length: 30 }, (_, seed) => seed))(
  "answers everybody once, with their own row, within its bounds (seed %i)",
  async (seed) => {
    const random = randomFrom(seed);
    const below = (bound: number) => Math.floor(random() * bound);
    const bounds = {
      lanes: 1 + below(3),
      batchSize: 1 + below(6),
      batchTokens: 40 + below(100),
      maxQueue: 5 + below(20),
    };
    const { scheduler, clock, running, submit, finish, finishAll } = newScheduler(bounds);
    const outcomes: Promise<string>[] = [];
    const callers: AbortController[] = [];
    for (let step = 0; step < 300; step++) {
      const choice = random();
      if (choice < 0.7) {
        const row: Row = [1 + below(60), `${below(40)}`];
        const caller = new AbortController();
        callers.push(caller);
        const deadline = random() < 0.2 ? clock.now + below(20) : undefined;
        const waitsForRoom = random() < 0.2;
        const terms = { caller: `${below(4)}`, signal: caller.signal, deadline, waitsForRoom };
        const result = submit(row, { ...terms, priority: random() < 0.5 ? "live" : "batch" });
        outcomes.push(
          result.then(
            (answer) => (answer === String(row) ? "answered" : `wrong: ${answer}`),
            (error: unknown) => (error instanceof Error ? error.name : "unknown"),
          ),
        );
      } else if (choice < 0.8) callers[below(callers.length)]?.abort(new Error("gone"));
      else await finish();
      clock.now += below(3);
      expect(scheduler.depth).toBeLessThanOrEqual(bounds.maxQueue);
      for (const { rows } of running) {
        expect(rows.length).toBeLessThanOrEqual(bounds.batchSize);
        const padded = Math.max(...rows.map(([tokens]) => tokens)) * rows.length;
        if (rows.length > 1) expect(padded).toBeLessThanOrEqual(bounds.batchTokens);
      }
    }
    await finishAll();
    expect(scheduler.stats).toMatchObject({ waiting: { live: 0, batch: 0 }, running: 0, callers: 0 });
    const ends = await Promise.all(outcomes);
    const known = ["answered", "Error", "DeadlineError", "OverloadedError"];
    expect(ends.filter((end) => !known.includes(end))).toEqual([]);
    expect(ends).toContain("answered");
  },
);
