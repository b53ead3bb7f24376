import { z } from "zod";
import { openEngine } from "../engine/pool.ts";
import { describeModel, readJson } from "../models/description.ts";
import { embeddedModel } from "../translation-node.ts";

const usage = `Holds the engine against PyTorch: the tokens that come out of the fused graph, from the unquantised export and from the
shipped int8 model, beside those of Hugging Face's own generate.

  node inference/evaluation/compare.ts FOLDER     what inference/training/reference.py wrote`;

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error(usage);
  process.exit(2);
}

const { sentences } = z
  .object({
    sentences: z.array(
      z.object({ source: z.array(z.number()), target: z.number(), limit: z.number(), tokens: z.array(z.number()) }),
    ),
  })
  .parse(readJson(`${folder}/reference.json`));

const reference = describeModel(folder);
for (const [name, model] of [
  ["fp32", reference],
  ["int8, as shipped", describeModel(embeddedModel, { beams: reference.beams })],
] as const) {
  const engine = await openEngine({ model, workers: 1, intraOpThreads: 1 });
  let [same, tokens, sameTokens] = [0, 0, 0];
  for (let at = 0; at < sentences.length; at += 32) {
    const batch = sentences.slice(at, at + 32);
    const outputs = await engine.run(0, batch);
    batch.forEach(({ tokens: expected }, index) => {
      const ids = outputs[index]?.ids ?? [];
      same += Number(ids.join() === expected.join());
      tokens += expected.length;
      sameTokens += expected.filter((token, place) => token === ids[place]).length;
    });
  }
  await engine.close();
  const share = (100 * sameTokens) / tokens;
  console.log(
    `${name}: ${same} of ${sentences.length} sentences as PyTorch has them, ${share.toFixed(1)} % of the tokens`,
  );
}
