import { describe, expect, it } from "vitest";
import { simulate } from "./simulation.ts";

/** Seeds that found something once; they stay. */
const oldFailures: readonly number[] = [];

/** More with `npm run test:delivery -- --seeds N`, and in CI; which ones is the same every time. */
const seeds = Array.from({ length: Number(process.env.DELIVERY_SEEDS ?? 8) }, (_, index) => index + 1);

/** How often a room's storage was lost, over all seeds. */
let lost = 0;

describe("20 people in 8 languages, whatever breaks", () => {
  it.each([...oldFailures, ...seeds])("see what the log says (seed %i)", async (seed) => {
    const { problems, messages, released, evictions, losses, disconnects } = await simulate({ seed });
    expect(problems.slice(0, 10), `seed ${seed}`).toEqual([]);
    // The trouble was real.
    expect(messages).toBeGreaterThan(50);
    expect(evictions).toBeGreaterThan(3);
    lost += losses;
    expect(released).toBeGreaterThan(0);
    expect(disconnects).toBeGreaterThan(10);
  });

  it("lost the room's storage again and again meanwhile", () => {
    expect(lost).toBeGreaterThan(seeds.length);
  });
});
