import { expect, it } from "vitest";
import { zipf } from "./zipf.ts";

/** How often each of four ranks comes when the random numbers are spread evenly. */
function shares(exponent: number): number[] {
  let n = 0;
  const draws = 12_000;
  const draw = zipf(4, exponent, () => (n++ + 0.5) / draws);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < draws; i++) {
    const rank = draw();
    counts[rank] = (counts[rank] ?? 0) + 1;
  }
  return counts.map((count) => Number((count / draws).toFixed(3)));
}

it("draws each rank as often as Zipf's law says", () => {
  expect(shares(0)).toEqual([0.25, 0.25, 0.25, 0.25]);
  expect(shares(1)).toEqual([0.48, 0.24, 0.16, 0.12]);
  expect(shares(2).map((share) => share / (shares(2)[3] ?? 0))).toEqual([
    expect.closeTo(16, 0),
    expect.closeTo(4, 0),
    expect.closeTo(16 / 9, 0),
    1,
  ]);
});

it("draws the last rank for the highest number", () => {
  expect(zipf(3, 1, () => 1 - Number.EPSILON)()).toBe(2);
  expect(zipf(3, 1, () => 0)()).toBe(0);
});
