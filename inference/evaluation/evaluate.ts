import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { languageCodes } from "../../proto/languages.ts";
import { describeModel } from "../models/description.ts";
import { embeddedModel, type NodeAnswer, openFolder } from "../translation-node.ts";
import { corpusChrf, sentenceChrf } from "./chrf.ts";

const usage = `Scores the model on messages written apart from its corpus, through the same pipeline that serves people.

  npm run eval:model -- [--set chat|grammar] [--rows N] [--model DIR] [--json FILE]

  --set NAME    chat: messages of any everyday topic (default); grammar: sentences of the grammar that the training held out
  --rows N      only the first N rows of the set (default: all)
  --model DIR   another model (default: the embedded one)
  --json FILE   writes scores and every translation as JSON`;

const { values } = parseArgs({
  options: {
    set: { type: "string", default: "chat" },
    rows: { type: "string", default: "100000" },
    model: { type: "string", default: embeddedModel },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

if (values.set !== "chat" && values.set !== "grammar") {
  console.error(`There is no set ${values.set}; choose chat or grammar.`);
  process.exit(2);
}
const folder = fileURLToPath(new URL("../training/evaluation", import.meta.url));
const table = (file: string): string[][] =>
  readFileSync(`${folder}/${file}`, "utf8")
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));

interface Scored {
  readonly from: string;
  readonly to: string;
  readonly source: string;
  readonly reference: string;
  readonly translation: string;
  readonly status: string;
  readonly doubt: string | undefined;
  readonly confidence: number;
}

const node = await openFolder(values.model, {
  workers: 2,
  intraOpThreads: 1,
  batchSize: 32,
  batchTokens: 4_096,
  maxQueue: 1_000_000,
  cacheBytes: 0,
  cacheTtlMs: 1,
});

const startedAt = performance.now();
const rows = table(`${values.set}.tsv`).slice(0, Number(values.rows));
const scored: Scored[] = (
  await Promise.all(
    rows.map((cells) => Promise.all(languageCodes.map((from, index) => translateRow(cells, from, cells[index] ?? "")))),
  )
).flat(2);
const offDomain = await Promise.all(
  table("off-domain.tsv").map(([language = "", text = ""]) =>
    ask(text, language, [language === "en" ? "fr" : "en"]).then(({ translations }) => translations[0]?.status),
  ),
);
const seconds = (performance.now() - startedAt) / 1_000;
const { name, version } = describeModel(values.model);
await node.close();

const directions = languageCodes.flatMap((from) =>
  languageCodes.filter((to) => to !== from).map((to) => ({ from, to, ...summary(from, to) })),
);
const chrfOf = (wanted: (from: string, to: string) => boolean) =>
  mean(directions.filter(({ from, to }) => wanted(from, to)).map(({ chrf2 }) => chrf2));
const abstainOffDomain = offDomain.filter((status) => status === "low_confidence").length / offDomain.length;

console.log(
  `${name} ${version}: ${values.set}, ${rows.length} rows, ${scored.length} translations, ${seconds.toFixed(0)} s\n`,
);
console.log(`chrF2      ${languageCodes.map((code) => `→${code}`.padStart(6)).join("")}`);
for (const from of languageCodes) {
  const cells = languageCodes.map(
    (to) => directions.find((one) => one.from === from && one.to === to)?.chrf2.toFixed(1) ?? "–",
  );
  console.log(`${from.padEnd(11)}${cells.map((cell) => cell.padStart(6)).join("")}`);
}
const romance = ["fr", "es", "de", "pt"];
const between = (one: readonly string[]) => (from: string, to: string) =>
  (from === "en" && one.includes(to)) || (to === "en" && one.includes(from));
const summaryLines = {
  "en ↔ fr es de pt": chrfOf(between(romance)),
  "en ↔ ar": chrfOf(between(["ar"])),
  "en ↔ zh ja": chrfOf(between(["zh", "ja"])),
  "all 56 directions": chrfOf(() => true),
  "exact, per cent": 100 * mean(directions.map(({ exact }) => exact)),
  "abstains on chat, per cent": 100 * mean(directions.map(({ abstain }) => abstain)),
  "abstains off domain, per cent": 100 * abstainOffDomain,
};
console.log();
for (const [name, value] of Object.entries(summaryLines)) console.log(`${name.padEnd(32)}${value.toFixed(1)}`);
if (values.json !== undefined) {
  const scores = { model: version, rows: rows.length, summary: summaryLines, directions, scored };
  writeFileSync(values.json, JSON.stringify(scores, null, 1));
}

async function ask(text: string, from: string, targets: readonly string[]): Promise<NodeAnswer> {
  return node.translate({ text, sourceLanguage: from, targetLanguages: targets, hints: [] });
}

async function translateRow(cells: readonly string[], from: string, source: string): Promise<Scored[]> {
  const targets = languageCodes.filter((to) => to !== from);
  const { translations } = await ask(source, from, targets);
  return translations.map(({ language: to, text: translation, status, doubt, confidence }) => {
    const reference = cells[languageCodes.indexOf(to)] ?? "";
    return { from, to, source, reference, translation, status, doubt, confidence };
  });
}

function summary(from: string, to: string) {
  const own = scored.filter((one) => one.from === from && one.to === to);
  const bare = (text: string) => text.toLowerCase().replace(/[\p{P}\s]/gu, "");
  return {
    chrf2: corpusChrf(
      own.map(({ translation }) => translation),
      own.map(({ reference }) => reference),
    ),
    sentenceChrf2: mean(own.map(({ translation, reference }) => sentenceChrf(translation, reference))),
    exact: mean(own.map(({ translation, reference }) => Number(bare(translation) === bare(reference)))),
    abstain: mean(own.map(({ status }) => Number(status === "low_confidence"))),
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}
