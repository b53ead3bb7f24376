import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { findLanguage, languageCodes } from "../proto/languages.ts";
import { embeddedModel, type NodeAnswer, openFolder } from "./translation-node.ts";

const usage = `Translates with the model in this repository, without a server.

  npm run --silent translate -- --to LANGUAGE [--from LANGUAGE] [options] [text]

  --from CODE   language of the text (${languageCodes.join(", ")}); without it, it is detected
  --to CODE     language to translate into; may be given several times
  --plain       only the translations, one line for each line read
  --json        one JSON object for each line read
  --model DIR   folder of another model, an Optimum export with a model.json (default: the embedded model)
  --help        this text

Without a text, messages are read from standard input, one a line.`;

const { values, positionals } = readArguments();
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const from = values.from === undefined ? undefined : languageOf(values.from, "--from");
const targets = (values.to ?? []).map((tag) => languageOf(tag, "--to"));
if (targets.length === 0) fail("Say into which language: --to fr. --help tells more.");

/** Lines under way at once: enough for full batches, few enough to begin printing at once. */
const ahead = 64;

const node = await openFolder(values.model ?? embeddedModel, {
  workers: 1,
  intraOpThreads: 2,
  batchSize: 32,
  batchTokens: 4_096,
  maxQueue: 100_000,
  cacheBytes: 16_777_216,
  cacheTtlMs: 3_600_000,
}).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));

// A reader that has seen enough (`| head`) closes the pipe: that is no failure.
process.stdout.on("error", () => process.exit(0));
const startedAt = performance.now();
let count = 0;
const underWay: Promise<string>[] = [];
for await (const line of positionals.length > 0 ? [positionals.join(" ")] : createInterface({ input: process.stdin })) {
  underWay.push(translate(line));
  if (underWay.length >= ahead) await print(underWay.shift());
}
while (underWay.length > 0) await print(underWay.shift());
if (process.stderr.isTTY && count >= ahead) process.stderr.write(`\r${progress()}\n`);
await node.close();

async function print(line: Promise<string> | undefined): Promise<void> {
  process.stdout.write(`${await line}\n`);
  count += 1;
  if (process.stderr.isTTY && !process.stdout.isTTY && count % ahead === 0) process.stderr.write(`\r${progress()}`);
}

function progress(): string {
  const perSecond = count / ((performance.now() - startedAt) / 1_000);
  return `${count} messages, ${perSecond.toFixed(0)} per second`;
}

async function translate(text: string): Promise<string> {
  const began = performance.now();
  if (text.trim() === "") return values.json ? JSON.stringify({ text, translations: [] }) : text;
  const answer = await node.translate({ text, sourceLanguage: from, targetLanguages: targets, hints: [] });
  if (values.plain) return answer.translations.map((translation) => translation.text).join("\n");
  if (values.json) return JSON.stringify({ text, ...answer });
  return describe(answer, performance.now() - began);
}

function describe({ source, translations }: NodeAnswer, ms: number): string {
  const detected = source.declared ? "" : ` (detected, ${source.confidence.toFixed(2)})`;
  return translations
    .map(({ language, text, status, doubt, confidence, model }) => {
      const verdict = status.replaceAll("_", " ") + (doubt === undefined ? "" : `: ${doubt.replaceAll("_", " ")}`);
      const by =
        model === undefined ? "" : `, confidence ${confidence.toFixed(2)}, ${model.name} ${model.version}, onnxruntime`;
      return `${text}\n  ${source.language}${detected} → ${language}: ${verdict}${by}, ${ms.toFixed(0)} ms`;
    })
    .join("\n");
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        from: { type: "string" },
        to: { type: "string", multiple: true },
        plain: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        model: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)} --help shows the options.`);
  }
}

function languageOf(tag: string, option: string): string {
  return findLanguage(tag)?.code ?? fail(`${option} ${tag} is unknown; choose among ${languageCodes.join(", ")}.`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
