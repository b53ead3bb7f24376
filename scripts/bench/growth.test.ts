import { expect, it } from "vitest";
import { growthOf } from "./growth.ts";

/** A minute by the second, on a clock that does not begin at 0. */
const minute = (valueAt: (seconds: number) => number) =>
  Array.from({ length: 61 }, (_, second) => ({ seconds: 100 + second, value: valueAt(second) }));

it("finds the slope of the second half, whatever the first was", () => {
  const { perHour, first, last } = growthOf(minute((seconds) => (seconds < 30 ? seconds * 100 : 3_000 + seconds * 2)));
  expect(perHour).toBeCloseTo(7_200);
  expect([first, last]).toEqual([300, 3_114]);
});

it("compares the last third with the one before it by their medians, so that a peak does not count", () => {
  const { secondThird, lastThird } = growthOf(minute((seconds) => (seconds === 50 ? 1e9 : seconds >= 41 ? 7 : 5)));
  expect([secondThird, lastThird]).toEqual([5, 7]);
});

it("is at rest without points, and with one", () => {
  expect(growthOf([])).toEqual({ perHour: 0, first: 0, last: 0, secondThird: 0, lastThird: 0 });
  expect(growthOf([{ seconds: 0, value: 4 }])).toMatchObject({ perHour: 0, first: 4, last: 4 });
});
