import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { languageCodes } from "../../proto/languages.ts";
import { leastConfidence } from "../text/quality.ts";

type LanguageCode = (typeof languageCodes)[number];

const usage = `Writes docs/model.md and its heat map from what eval:model wrote of both sets.

  node inference/evaluation/report.ts CHAT.json GRAMMAR.json`;

const [chatFile, grammarFile] = process.argv.slice(2);
if (chatFile === undefined || grammarFile === undefined) {
  console.error(usage);
  process.exit(2);
}

const scores = z.object({
  model: z.string(),
  rows: z.number(),
  summary: z.record(z.string(), z.number()),
  directions: z.array(
    z.object({
      from: z.enum(languageCodes),
      to: z.enum(languageCodes),
      chrf2: z.number(),
      exact: z.number(),
      abstain: z.number(),
    }),
  ),
});
type Scores = z.infer<typeof scores>;

const read = (file: string): Scores => scores.parse(JSON.parse(readFileSync(file, "utf8")));
const [chat, grammar] = [read(chatFile), read(grammarFile)];
const docs = fileURLToPath(new URL("../../docs", import.meta.url));

const cellOf = ({ directions }: Scores, from: LanguageCode, to: LanguageCode) =>
  directions.find((direction) => direction.from === from && direction.to === to);

/** A table of all directions. */
function matrix(of: Scores, value: (direction: Scores["directions"][number]) => string): string {
  const head = `| from \\ to | ${languageCodes.join(" | ")} |\n| --- |${languageCodes.map(() => " ---: |").join("")}`;
  const rows = languageCodes.map((from) => {
    const cells = languageCodes.map((to) => {
      const direction = cellOf(of, from, to);
      return direction === undefined ? "–" : value(direction);
    });
    return `| **${from}** | ${cells.join(" | ")} |`;
  });
  return [head, ...rows].join("\n");
}

const percent = (share: number): string => (100 * share).toFixed(0);

/** The scores as squares: the darker, the better. Numbers stand in them, so that colour is not all there is. */
function heatMap(of: Scores): string {
  const [size, edge] = [52, 44];
  const squares = languageCodes.flatMap((from, row) =>
    languageCodes.map((to, column) => {
      const direction = cellOf(of, from, to);
      const [x, y] = [edge + column * size, edge + row * size];
      if (direction === undefined) return "";
      const share = Math.min(1, Math.max(0, direction.chrf2 / 70));
      const lightness = 96 - 58 * share;
      const ink = lightness < 62 ? "#fff" : "#123";
      return (
        `<rect x="${x}" y="${y}" width="${size - 2}" height="${size - 2}" rx="4" fill="hsl(205 70% ${lightness.toFixed(0)}%)"/>` +
        `<text x="${x + size / 2 - 1}" y="${y + size / 2 + 5}" fill="${ink}" text-anchor="middle">${direction.chrf2.toFixed(0)}</text>`
      );
    }),
  );
  const labels = languageCodes.flatMap((code, index) => {
    const middle = edge + index * size + size / 2;
    return [
      `<text x="${middle}" y="${edge - 14}" fill="#678" text-anchor="middle">${code}</text>`,
      `<text x="${edge - 22}" y="${middle + 5}" fill="#678" text-anchor="middle">${code}</text>`,
    ];
  });
  const side = edge + languageCodes.length * size + 4;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" width="${side}" font-family="system-ui, sans-serif" font-size="15" role="img" aria-label="chrF2 of each direction: from the languages on the left into those at the top">\n${[...squares, ...labels].filter((line) => line !== "").join("\n")}\n</svg>\n`;
}

const summaryRows = Object.keys(chat.summary).map(
  (name) => `| ${name} | ${chat.summary[name]?.toFixed(1)} | ${grammar.summary[name]?.toFixed(1)} |`,
);

writeFileSync(`${docs}/images/chrf.svg`, heatMap(chat));
writeFileSync(
  `${docs}/model.md`,
  `# How good the embedded model is

Written by \`inference/evaluation/report.ts\` from \`npm run eval:model\` of model ${chat.model}. How it was made:
[inference/training](../inference/training/README.md); what to expect of it: its
[model card](../inference/models/embedded/MODEL_CARD.md).

Two sets that the training never sees, through the whole pipeline that serves people:

- **chat**: ${chat.rows} messages of any everyday topic, written apart from the corpus. Those that are nearly in the corpus (half or more of their runs of
  four words) were taken out, and \`inference/training/validate.py\` fails when one comes back.
- **grammar**: ${grammar.rows} sentences of the synchronous grammar, in combinations that the training leaves out.

and for abstention a third, **off domain**: law, medicine, verse, gibberish. All references are our own and were written by a language model; no native
speaker has read them. chrF2 is the F-score of shared character sequences, 0 to 100 (checked against sacreBLEU's own numbers); it is low for Chinese and Japanese by nature.

A translation whose confidence is below ${leastConfidence.calibrated} is held back: people are shown the original. The bound was chosen by looking at chat, off domain and the judged messages of the
[model card](../inference/models/embedded/MODEL_CARD.md), so that these rates are no independent test of it. The chrF2 are not touched by it, they count every translation.

| | chat | grammar |
| --- | ---: | ---: |
${summaryRows.join("\n")}

## chrF2 on chat

![chrF2 of each direction](images/chrf.svg)

${matrix(chat, ({ chrf2 }) => chrf2.toFixed(1))}

## Word for word as the reference, per cent of chat

${matrix(chat, ({ exact }) => percent(exact))}

## Held back for lack of confidence, per cent of chat

${matrix(chat, ({ abstain }) => percent(abstain))}

## chrF2 on the grammar

${matrix(grammar, ({ chrf2 }) => chrf2.toFixed(1))}
`,
);
