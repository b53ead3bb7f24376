import { expect, it } from "vitest";
import { isUuid, uuidv7 } from "./ids.ts";

it("makes canonical version 7 UUIDs that carry their time of creation", () => {
  const now = Date.UTC(2026, 10, 24, 12, 0, 0, 123);
  const id = uuidv7(now);
  expect(isUuid(id)).toBe(true);
  expect(id[14]).toBe("7");
  expect("89ab").toContain(id[19]);
  expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(now);
});

it("sorts ids by time of creation", () => {
  const ids = [1_000, 2 ** 32, 2 ** 40, Date.now()].map(uuidv7);
  expect(ids.toSorted()).toEqual(ids);
});

it("tells a canonical UUID from other text", () => {
  expect(isUuid("0195f8a0-0000-7000-8000-00000000000G")).toBe(false);
  expect(isUuid(uuidv7().toUpperCase())).toBe(false);
  expect(isUuid(` ${uuidv7()}`)).toBe(false);
});
