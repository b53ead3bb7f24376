import { describe, expect, it } from "vitest";
import { describeModel, type ModelDescription, readJsonObject } from "../models/description.ts";
import { ModelTokenizer } from "../models/tokenizer.ts";
import { loadDecoder } from "./decoder.ts";
import type { Output, Row } from "./messages.ts";
import { unpackCheckpoint } from "./testing/checkpoints.ts";

async function translate(model: ModelDescription, beams: number, batches: readonly (readonly Row[])[]) {
  const decoder = await loadDecoder({ ...model, beams }, 1);
  const outputs: Output[] = [];
  for (const rows of batches) outputs.push(...(await decoder.run(rows)));
  await decoder.release();
  return outputs;
}

describe.each(["nllb", "t5"] as const)("beam search with %s", (name) => {
  const open = () => {
    const checkpoint = unpackCheckpoint(name);
    const model = describeModel(checkpoint.folder, { precision: "fp32" });
    const files = {
      tokenizer: readJsonObject(`${model.folder}/tokenizer.json`),
      config: readJsonObject(`${model.folder}/tokenizer_config.json`),
    };
    const tokenizer = new ModelTokenizer(files, model);
    const rows = checkpoint.cases.map(({ text, from, to }): Row => {
      return { source: tokenizer.encode(text, from, to).ids, target: tokenizer.tag(to), limit: checkpoint.limit };
    });
    /** The logarithm of a whole translation's probability; its end counts unless it was cut off. */
    const likelihood = ({ ids, score }: Output) => score * Math.min(ids.length + 1, checkpoint.limit);
    return { checkpoint, model, rows, likelihood };
  };

  it("finds translations as likely as the greedy ones, or likelier, the more beams the likelier", async () => {
    const { checkpoint, model, rows, likelihood } = open();
    using _ = checkpoint;
    const sums: number[] = [];
    for (const beams of [1, 2, 4]) {
      const found = (await translate(model, beams, [rows])).map(likelihood);
      sums.push(found.reduce((sum, one) => sum + one, 0));
    }
    const [greedy = 0, two = 0, four = 0] = sums;
    expect(two).toBeGreaterThan(greedy);
    expect(four).toBeGreaterThan(two);
  });

  it("gives a row the same among others as alone, and no more tokens than its own limit", async () => {
    const { checkpoint, model, rows } = open();
    using _ = checkpoint;
    const limited = rows.map((row, at) => ({ ...row, limit: at % 2 === 0 ? row.limit : 3 }));
    const together = await translate(model, 3, [limited]);
    const alone = await translate(
      model,
      3,
      limited.map((row) => [row]),
    );
    expect(together.map(({ ids }) => ids)).toEqual(alone.map(({ ids }) => ids));
    for (const [at, { score }] of together.entries()) expect(score).toBeCloseTo(alone[at]?.score ?? 0, 4);
    expect(together.every(({ ids }, at) => ids.length <= (limited[at]?.limit ?? 0))).toBe(true);
    expect(together.some(({ ids }, at) => at % 2 === 1 && ids.length === 3)).toBe(true);
  });
});
