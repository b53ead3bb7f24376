import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { normalize } from "./normalize.ts";

const cases: [string, string][] = JSON.parse(
  readFileSync(new URL("../training/normalize_cases.json", import.meta.url), "utf8"),
);

it.each(cases)("normalises %j as the training does", (text, expected) => {
  expect(normalize(text)).toBe(expected);
  expect(normalize(expected)).toBe(expected);
});
