import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { languageCodes } from "../../proto/languages.ts";
import { readJson } from "../models/description.ts";
import { openFolder } from "../translation-node.ts";
import { sentenceChrf } from "./chrf.ts";

/**
 * Turns the model's log-probabilities into chances: translates rows that no training saw, calls a translation good when its
 * chrF2 is high enough, and fits a logistic curve through (mean log-probability, good or not) that goes into model.json.
 *
 *     node inference/evaluation/calibrate.ts MODEL_FOLDER HELD_OUT_TSV
 */
const [folder, file] = process.argv.slice(2);
if (folder === undefined || file === undefined) {
  console.error("usage: calibrate.ts MODEL_FOLDER HELD_OUT_TSV");
  process.exit(2);
}

/** A translation of this chrF2 is mostly understood; characters of Chinese and Japanese score lower. */
const goodFrom = (language: string): number => (language === "zh" || language === "ja" ? 18 : 35);

const description = JSON.parse(JSON.stringify(readJson(join(folder, "model.json"))));
// Without a calibration the confidence is the exponential of the score.
writeFileSync(join(folder, "model.json"), `${JSON.stringify({ ...description, calibration: undefined }, null, 2)}\n`);
const node = await openFolder(folder, {
  workers: 2,
  intraOpThreads: 1,
  batchSize: 32,
  batchTokens: 4_096,
  maxQueue: 1_000_000,
  cacheBytes: 0,
  cacheTtlMs: 1,
});
const rows = readFileSync(file, "utf8")
  .split("\n")
  .slice(1)
  .filter((line) => line !== "")
  .map((line) => line.split("\t"));

const points: { score: number; isGood: number }[] = [];
await Promise.all(
  rows.flatMap((cells) =>
    languageCodes.map(async (sourceLanguage, index) => {
      const targetLanguages = languageCodes.filter((code) => code !== sourceLanguage);
      const { translations } = await node.translate({
        text: cells[index] ?? "",
        sourceLanguage,
        targetLanguages,
        hints: [],
      });
      for (const { language, text, confidence } of translations) {
        if (confidence === 0) continue;
        const chrf = sentenceChrf(text, cells[languageCodes.indexOf(language)] ?? "");
        points.push({ score: Math.log(confidence), isGood: Number(chrf >= goodFrom(language)) });
      }
    }),
  ),
);
await node.close();

/** Newton's method on the log-likelihood of a logistic curve. */
let [slope, intercept] = [1, 0];
for (let step = 0; step < 30; step++) {
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-6, 0, 1e-6];
  for (const { score, isGood } of points) {
    const chance = 1 / (1 + Math.exp(-(slope * score + intercept)));
    const weight = chance * (1 - chance);
    g0 += (isGood - chance) * score;
    g1 += isGood - chance;
    h00 += weight * score * score;
    h01 += weight * score;
    h11 += weight;
  }
  const determinant = h00 * h11 - h01 * h01;
  slope += (h11 * g0 - h01 * g1) / determinant;
  intercept += (h00 * g1 - h01 * g0) / determinant;
}
const calibration = { slope: Number(slope.toFixed(4)), intercept: Number(intercept.toFixed(4)) };
writeFileSync(join(folder, "model.json"), `${JSON.stringify({ ...description, calibration }, null, 2)}\n`);

console.log(
  `${points.length} translations, ${((100 * points.filter(({ isGood }) => isGood).length) / points.length).toFixed(1)} % good; calibration ${JSON.stringify(calibration)}`,
);
console.log("confidence  translations  good");
for (let low = 0; low < 1; low += 0.1) {
  const own = points.filter(({ score }) => {
    const chance = 1 / (1 + Math.exp(-(slope * score + intercept)));
    return chance >= low && chance < low + 0.1;
  });
  const good = own.filter(({ isGood }) => isGood).length / Math.max(1, own.length);
  console.log(`${low.toFixed(1)}–${(low + 0.1).toFixed(1)}    ${String(own.length).padStart(12)}  ${good.toFixed(2)}`);
}
