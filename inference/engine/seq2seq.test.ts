import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeModel } from "../models/description.ts";
import { ModelTokenizer } from "../models/tokenizer.ts";
import { embeddedModel } from "../translation-node.ts";
import type { Output, Row } from "./messages.ts";
import { Seq2Seq } from "./seq2seq.ts";
import { Stepwise } from "./stepwise.ts";

const model = describeModel(embeddedModel);
const read = (file: string): object => JSON.parse(readFileSync(`${embeddedModel}/${file}`, "utf8"));
const tokenizer = new ModelTokenizer(
  { tokenizer: read("tokenizer.json"), config: read("tokenizer_config.json") },
  model,
);
const row = (text: string, from: string, to: string, limit = 60): Row => ({
  source: tokenizer.encode(text, from, to).ids,
  target: tokenizer.tag(to),
  limit,
});

/** Short and long, in and out of all languages, so that rows of one batch end at very different times. */
const rows = [
  row("Good morning!", "en", "fr"),
  row("I will be a little late because the train stopped between two stations again.", "en", "de"),
  row("On se retrouve à la gare demain matin ?", "fr", "zh"),
  row("¿Dónde estás?", "es", "ja"),
  row("Danke.", "de", "ar"),
  row("Eu não sei o que fazer com <ph0> e <ph1>.", "pt", "en"),
  row("明天我们一起去吃饭吧。", "zh", "es"),
  row("電車が遅れています。", "ja", "pt"),
  row("أراك غدا إن شاء الله.", "ar", "fr"),
];

describe("the fused graph", () => {
  let fused: Seq2Seq;
  let stepwise: Stepwise;
  beforeAll(async () => {
    [fused, stepwise] = await Promise.all([Seq2Seq.load(model, 1), Stepwise.load(model, 1)]);
  });
  afterAll(async () => {
    await Promise.all([fused.release(), stepwise.release()]);
  });

  function expectSame(one: readonly Output[], other: readonly Output[]): void {
    expect(one.map(({ ids }) => ids)).toEqual(other.map(({ ids }) => ids));
    one.forEach(({ score }, index) => {
      // The runtime fuses other operators in a loop than in a branch; int8 rounds what differs in the last bits.
      expect(score).toBeCloseTo(other[index]?.score ?? Number.NaN, 1);
    });
  }

  it("says what the exported files say step by step, row by row and in a batch", async () => {
    for (const one of rows) expectSame(await fused.run([one]), await stepwise.run([one]));
    // Rows that have ended leave the graph's batch, and with them its scales may change (full precision: families.test.ts).
    const [together, step] = [await fused.run(rows), await stepwise.run(rows)];
    const same = together.filter(({ ids }, index) => isDeepStrictEqual(ids, step[index]?.ids));
    expect(same.length).toBeGreaterThanOrEqual(rows.length - 3);
  });

  it("ends each row at its own limit", async () => {
    const limits = [1, 2, 3, 1, 5, 2, 4, 3, 1];
    const limited = rows.map((one, index) => ({ ...one, limit: limits[index] ?? 1 }));
    for (const one of limited) expectSame(await fused.run([one]), await stepwise.run([one]));
    const outputs = await fused.run(limited);
    expect(outputs.every(({ ids }, index) => ids.length <= (limits[index] ?? 0))).toBe(true);
  });

  it("changes little in a row by what else is in its batch", async () => {
    // Eight bits are scaled by the largest number of the whole batch, so that near ties may fall otherwise. What has a
    // clear favourite at each token stays, and so does the confidence.
    const messages = readFileSync(new URL("../training/evaluation/chat.tsv", import.meta.url), "utf8").split("\n");
    const batch = messages.slice(1, 65).map((line) => row(line.split("\t")[0] ?? "", "en", "fr"));
    const together = await fused.run(batch);
    const alone: Output[] = [];
    for (const one of batch) alone.push(...(await fused.run([one])));
    const same = together.filter(({ ids }, index) => isDeepStrictEqual(ids, alone[index]?.ids));
    expect(same.length).toBeGreaterThan(batch.length * 0.6);
    const mean = (outputs: readonly Output[]) => outputs.reduce((sum, { score }) => sum + score, 0) / outputs.length;
    expect(Math.abs(mean(together) - mean(alone))).toBeLessThan(0.05);
  });

  it("takes a batch of equal rows for what one of them is", async () => {
    const [first] = rows;
    if (first === undefined) throw new Error("There are rows.");
    const alone = await fused.run([first]);
    for (const output of await fused.run([first, first, first])) expect(output.ids).toEqual(alone[0]?.ids);
  });
});

it("says what is wrong with files that are no such export", async () => {
  const decoder = { kind: "merged", path: model.encoder } as const;
  await expect(Seq2Seq.load({ ...model, decoder }, 1)).rejects.toThrow(/not Optimum's merged one/);
});
