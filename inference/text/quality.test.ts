import { expect, it } from "vitest";
import { type Candidate, doubtOf, leastConfidence } from "./quality.ts";

const sound: Candidate = {
  source: "See you tomorrow at the station.",
  sourceLanguage: "en",
  translation: "On se voit demain à la gare.",
  targetLanguage: "fr",
  unknown: 0,
  confidence: 0.9,
  isCalibrated: true,
};

it("trusts a sound translation", () => {
  expect(doubtOf(sound)).toBeUndefined();
  expect(doubtOf({ ...sound, translation: "明天车站见。", targetLanguage: "zh" })).toBeUndefined();
});

it.each<[string, Partial<Candidate>]>([
  ["length", { translation: " " }],
  ["length", { translation: "On se voit ".concat("demain ou plus tard à la gare centrale de la ville ".repeat(4)) }],
  ["unknown_words", { unknown: 0.5 }],
  ["repetition", { translation: "je suis je suis je suis je suis" }],
  ["repetition", { translation: "你的你的你的你的。", targetLanguage: "zh" }],
  ["script", { translation: "See you tomorrow", targetLanguage: "ar" }],
  ["script", { translation: "明天车站见。", targetLanguage: "fr" }],
  ["copy", { translation: "See you tomorrow at the station!" }],
  ["low_score", { confidence: leastConfidence.calibrated - 0.01 }],
  ["low_score", { confidence: leastConfidence.uncalibrated - 0.01, isCalibrated: false }],
])("doubts by %s", (doubt, change) => {
  expect(doubtOf({ ...sound, ...change })).toBe(doubt);
});

it("asks less of a confidence that is not calibrated", () => {
  expect(doubtOf({ ...sound, confidence: leastConfidence.calibrated })).toBeUndefined();
  expect(doubtOf({ ...sound, confidence: leastConfidence.uncalibrated, isCalibrated: false })).toBeUndefined();
});

it("does not call a word that both languages share a copy", () => {
  expect(doubtOf({ ...sound, source: "Paris", translation: "Paris" })).toBeUndefined();
});

it("does not blame the translation for the repetition of its source", () => {
  const text = "no no no no no";
  expect(doubtOf({ ...sound, source: text, translation: "non non non non non" })).toBeUndefined();
});
