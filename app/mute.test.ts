import { expect, it } from "vitest";
import { isMuted, muteChoices, mutedUntil } from "./mute.ts";

it("a mute lasts as long as was chosen, and no longer", () => {
  const now = Date.UTC(2026, 10, 24, 12);
  const ends = muteChoices.map(([choice]) => mutedUntil(choice, now));
  expect(ends).toEqual(["2026-11-24T13:00:00.000Z", "2026-11-24T20:00:00.000Z", "2026-12-01T12:00:00.000Z", null]);
  const later = now + 24 * 3_600_000;
  expect(ends.map((until) => isMuted({ until }, now))).toEqual([true, true, true, true]);
  expect(ends.map((until) => isMuted({ until }, later))).toEqual([false, false, true, true]);
  expect(isMuted(undefined, now)).toBe(false);
});
