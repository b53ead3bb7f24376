import { describe, expect, it } from "vitest";
import { broadcast, fixed, pastSize, product, reshaped, rowsSize, sourceSize, sum } from "./sizes.ts";

describe("sizes", () => {
  it("multiply as long as the result is a sum of multiples", () => {
    expect(product(rowsSize, fixed(4))).toEqual({ rows: 4, past: 0, source: 0, fixed: 0 });
    expect(product(rowsSize, pastSize)).toBeUndefined();
  });

  it("broadcast to the one that is not 1", () => {
    expect(broadcast(fixed(1), sourceSize)).toEqual(sourceSize);
    expect(broadcast(rowsSize, rowsSize)).toEqual(rowsSize);
    expect(broadcast(rowsSize, pastSize)).toBeUndefined();
  });

  it.each([
    [
      "an open size takes what is left",
      [rowsSize, fixed(1), fixed(256)],
      [fixed(-1), fixed(1), fixed(4), fixed(64)],
      rowsSize,
    ],
    ["nought copies", [rowsSize, fixed(256)], [fixed(0), fixed(-1)], rowsSize],
    ["a size on both sides cancels out", [rowsSize, fixed(8)], [rowsSize, fixed(-1)], rowsSize],
  ])("%s", (_, shape, target, first) => {
    expect(reshaped(shape, target)?.[0]).toEqual(first);
    expect(reshaped(shape, target)).toHaveLength(target.length);
  });

  it("are not guessed", () => {
    expect(reshaped([rowsSize, pastSize], [fixed(-1)])).toBeUndefined();
    expect(reshaped([sum(pastSize, fixed(1))], [fixed(-1), fixed(2)])).toBeUndefined();
    expect(reshaped(undefined, [fixed(-1)])).toBeUndefined();
  });
});
