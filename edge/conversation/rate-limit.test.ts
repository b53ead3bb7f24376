import { expect, it } from "vitest";
import { RateLimit } from "./rate-limit.ts";

function newLimit() {
  const clock = { now: 1_000 };
  return { clock, limit: new RateLimit({ burst: 3, perSecond: 2 }, () => clock.now) };
}

it("lets a burst pass, then says how long to wait, and keeps its word", () => {
  const { clock, limit } = newLimit();
  expect([limit.take("ana"), limit.take("ana"), limit.take("ana")]).toEqual([0, 0, 0]);
  const wait = limit.take("ana");
  expect(wait).toBe(500);
  clock.now += wait - 1;
  expect(limit.take("ana")).toBeGreaterThan(0);
  clock.now += 1;
  expect(limit.take("ana")).toBe(0);
});

it("counts each person apart and never saves up more than a burst", () => {
  const { clock, limit } = newLimit();
  for (let n = 0; n < 3; n++) limit.take("ana");
  expect(limit.take("ben")).toBe(0);
  clock.now += 3_600_000;
  expect([1, 2, 3, 4].map(() => limit.take("ana") === 0)).toEqual([true, true, true, false]);
});

it("forgets people whose budget is full again, not those who are over it", () => {
  const { clock, limit } = newLimit();
  for (let n = 0; n < 3; n++) limit.take("ana");
  for (let n = 0; n < 2_000; n++) limit.take(`person ${n}`);
  expect(limit.take("ana")).toBeGreaterThan(0);
  clock.now += 1_500;
  for (let n = 0; n < 2_000; n++) limit.take(`other ${n}`);
  expect(limit.take("ana")).toBe(0);
});
