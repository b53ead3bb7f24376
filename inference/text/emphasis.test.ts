import { expect, it } from "vitest";
import { emphasised, withMarkers, withoutMarkers } from "./emphasis.ts";

it.each([
  ["call **Anna** now", [["**", "Anna"]], "call Anna now"],
  [
    "*one* and __two__ and ~~three~~",
    [
      ["*", "one"],
      ["__", "two"],
      ["~~", "three"],
    ],
    "one and two and three",
  ],
  ["snake_case_name and 2 * 3 * 4", [], "snake_case_name and 2 * 3 * 4"],
  ["**not closed", [], "**not closed"],
  ["a ** b ** c", [], "a ** b ** c"],
  ["***both***", [["***", "both"]], "both"],
])("finds the emphasis of %j", (text, expected, plain) => {
  expect(emphasised(text).map(({ marker, phrase }) => [marker, phrase])).toEqual(expected);
  expect(withoutMarkers(text)).toBe(plain);
});

it.each([
  ["Appelle Anna !", [{ marker: "**", candidates: ["Anna.", "Anna"] }], true, "Appelle **Anna** !"],
  ["Les clés sont là.", [{ marker: "*", candidates: ["les clés.", "keys"] }], true, "*Les clés* sont là."],
  ["明天给安娜打电话。", [{ marker: "**", candidates: ["安娜。"] }], false, "明天给**安娜**打电话。"],
  ["Il est tard.", [{ marker: "**", candidates: ["retard", "late"] }], true, "Il est tard."],
  [
    "Anna et Anna",
    [
      { marker: "*", candidates: ["Anna"] },
      { marker: "_", candidates: ["Anna"] },
    ],
    true,
    "*Anna* et _Anna_",
  ],
  ["Ça coûte (vraiment) cher", [{ marker: "**", candidates: ["(vraiment)"] }], true, "Ça coûte **(vraiment)** cher"],
])("puts the markers back into %j", (translation, phrases, isSpaced, expected) => {
  expect(withMarkers(translation, phrases, isSpaced)).toBe(expected);
});
