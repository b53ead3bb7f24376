import { createRequire } from "node:module";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

/**
 * The embedded model in transformers.js, int8 and greedy, a sentence at a time: batches decode wrongly there.
 *
 *   node transformers-peer.mjs FOLDER_OF_ITS_MODULES MODEL_FOLDER < JOBS > RESULTS
 */
const [modules, model] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(`${modules}/index.js`);
const entry = require.resolve("@huggingface/transformers");
const { env, pipeline } = await import(pathToFileURL(entry).href);
const { version } = env;
const { rows, single } = JSON.parse(await text(process.stdin));
env.allowRemoteModels = false;
env.localModelPath = resolve(model, "..");
const translate = await pipeline("translation", model.split("/").at(-1), {
  dtype: "q8",
  device: "cpu",
  session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
});
const ask = ({ text, from, to }) =>
  translate(text, { src_lang: from, tgt_lang: to, num_beams: 1, max_new_tokens: 100 });
for (const row of rows.slice(0, 5)) await ask(row);
const began = performance.now();
for (const row of rows) await ask(row);
const seconds = (performance.now() - began) / 1_000;
const durations = [];
for (const row of rows.slice(0, single)) {
  const start = performance.now();
  await ask(row);
  durations.push((performance.now() - start) / 1_000);
}
process.stdout.write(JSON.stringify({ version, seconds, single: durations, tokens: 0 }));
