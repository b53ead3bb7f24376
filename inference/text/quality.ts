import { findLanguage } from "../../proto/languages.ts";

/** Why a translation is not to be trusted; the words of TranslationResult.reason. */
export type Doubt = "unknown_words" | "repetition" | "length" | "script" | "placeholder" | "copy" | "low_score";

export interface Candidate {
  readonly source: string;
  readonly sourceLanguage: string;
  readonly translation: string;
  readonly targetLanguage: string;
  /** Share of the source's tokens that the model's vocabulary has to spell out. */
  readonly unknown: number;
  /** 0 to 1. */
  readonly confidence: number;
  readonly isCalibrated: boolean;
}

/**
 * Below this people are shown the original. Calibrated, a confidence is the chance that a translation is any good
 * (evaluation/calibrate.ts), and less than three in five is too little: docs/model.md says how often that is, on chat and on nonsense. Of a model
 * that is not calibrated it is the mean probability of a token, which says less.
 */
export const leastConfidence = { calibrated: 0.6, uncalibrated: 0.3 } as const;
const mostUnknown = 0.34;

/** What speaks against showing a translation; undefined when nothing does. */
export function doubtOf(candidate: Candidate): Doubt | undefined {
  const { translation, targetLanguage } = candidate;
  if (translation.trim() === "") return "length";
  if (candidate.unknown > mostUnknown) return "unknown_words";
  if (repeats(translation) && !repeats(candidate.source)) return "repetition";
  if (!lengthsAgree(candidate)) return "length";
  if (!isInScript(translation, targetLanguage)) return "script";
  if (isCopy(candidate)) return "copy";
  const least = candidate.isCalibrated ? leastConfidence.calibrated : leastConfidence.uncalibrated;
  if (candidate.confidence < least) return "low_score";
  return undefined;
}

/** The same run of one to four words, or two to eight characters of a script without spaces, four times in a row. */
const repeats = (text: string): boolean =>
  /(?:^|\s)(\S+(?:\s+\S+){0,3})(?:\s+\1){3}/u.test(text) ||
  /([\p{L}]{2,8}?)\1{3}/u.test(text) ||
  /(\p{L})\1{5}/u.test(text);

/** Characters that carry what one letter carries in an alphabet. */
const density: Readonly<Record<string, number>> = { zh: 3, ja: 2 };
const weigh = (text: string, language: string): number => text.length * (density[language] ?? 1);

function lengthsAgree({ source, sourceLanguage, translation, targetLanguage }: Candidate): boolean {
  const [before, after] = [weigh(source, sourceLanguage), weigh(translation, targetLanguage)];
  return after <= before * 3 + 20 && before <= after * 3 + 20;
}

/** Half of the letters at least are of the target's scripts. */
function isInScript(translation: string, targetLanguage: string): boolean {
  const scripts = findLanguage(targetLanguage)?.scripts ?? [];
  const letters = translation.match(/\p{L}/gu) ?? [];
  const own = new RegExp(scripts.map((script) => `\\p{Script_Extensions=${script}}`).join("|"), "u");
  return letters.filter((letter) => own.test(letter)).length * 2 >= letters.length;
}

/** Three words or more came back as they were. A name or a word may be the same in both languages. */
function isCopy({ source, translation }: Candidate): boolean {
  const words = (text: string): string => (text.toLowerCase().match(/\p{L}+/gu) ?? []).join(" ");
  return words(source) === words(translation) && words(source).split(" ").length >= 3;
}
