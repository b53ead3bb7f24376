import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { corpusChrf, sentenceChrf } from "./chrf.ts";

/** Computed by sacreBLEU 2.6.0, `CHRF()`. */
const cases: { hypotheses: string[]; references: string[]; chrf2: number; sentences: number[] }[] = JSON.parse(
  readFileSync(new URL("./chrf_cases.json", import.meta.url), "utf8"),
);

it.each(cases)("scores $hypotheses as sacreBLEU does", ({ hypotheses, references, chrf2, sentences }) => {
  expect(corpusChrf(hypotheses, references)).toBeCloseTo(chrf2, 6);
  hypotheses.forEach((hypothesis, index) => {
    expect(sentenceChrf(hypothesis, references[index] ?? "")).toBeCloseTo(sentences[index] ?? Number.NaN, 6);
  });
});
