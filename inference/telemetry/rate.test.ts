import { expect, it } from "vitest";
import { Rate } from "./rate.ts";

it("is what came in the last while, by the second", () => {
  const clock = { now: 5_000 };
  const rate = new Rate(10, () => clock.now);
  rate.add(30);
  expect(rate.perSecond).toBe(30);
  clock.now += 5_000;
  rate.add(20);
  expect(rate.perSecond).toBe(10);
  clock.now += 5_000;
  expect(rate.perSecond).toBe(2);
  clock.now += 60_000;
  expect(rate.perSecond).toBe(0);
});
