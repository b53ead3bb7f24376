import { expect, it } from "vitest";
import { place, replace } from "./placeholders.ts";

it("numbers the spans of a sentence", () => {
  expect(place("at \uE003 and \uE001")).toEqual({ text: "at <ph0> and <ph1>", characters: ["\uE003", "\uE001"] });
});

it("knows no more than ten", () => {
  expect(place("\uE000".repeat(11))).toBeUndefined();
});

it("takes a translation only with every span exactly once, in whatever order", () => {
  const characters = ["\uE000", "\uE001"];
  expect(replace("<ph1> puis <ph0>", characters)).toBe("\uE001 puis \uE000");
  expect(replace("<ph0>", characters)).toBeUndefined();
  expect(replace("<ph0> <ph1> <ph1>", characters)).toBeUndefined();
  expect(replace("<ph0> <ph1> <ph7>", characters)).toBeUndefined();
});
