import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkFetched } from "../models/hub.ts";
import { type AvailableModel, licenceNote, type RegisteredModel } from "../models/registry.ts";
import { sentenceOf } from "../sentence-of.ts";
import { TranslationNode } from "../translation-node.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

/** How to get a model's files again. */
export function restore({ name, hub, route }: Pick<RegisteredModel, "name" | "hub" | "route">): string {
  if (hub !== undefined) return `Get the files anew: npm run models -- fetch ${name}`;
  if (route !== "embedded") return "Export the model again.";
  return "Get the files anew: git checkout -- inference/models/embedded, or export the model again.";
}

/** Compares a model's files with the list beside them: the SHA256SUMS of `sha256sum`, or what was fetched. */
export async function examineFiles(
  model: Pick<RegisteredModel, "name" | "hub" | "route" | "folder">,
): Promise<Finding[]> {
  const { name, folder } = model;
  const files = model.hub === undefined ? checkSums(folder) : await checkFetched(folder);
  if (files.length === 0) {
    const advice = `To notice damage later: cd ${folder} && sha256sum *.json onnx/*.onnx > SHA256SUMS`;
    return [warning(`The model ${name} has no checksums`, advice)];
  }
  const bad = files.filter(({ isGood }) => !isGood);
  if (bad.length === 0) return [ok(`The ${files.length} files of ${name} are as they were made`)];
  return bad.map(({ path }) => failure(`${join(folder, path)} is missing or damaged`, restore(model)));
}

function checkSums(folder: string): { path: string; isGood: boolean }[] {
  const list = join(folder, "SHA256SUMS");
  if (!existsSync(list)) return [];
  const lines = readFileSync(list, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const [expected, path = ""] = line.split(/ [ *]/, 2);
    const file = join(folder, path);
    const isGood = existsSync(file) && createHash("sha256").update(readFileSync(file)).digest("hex") === expected;
    return { path, isGood };
  });
}

/** Loads a model and translates a sentence with it. */
export async function examineModel(model: AvailableModel): Promise<Finding> {
  const { name, folder, license, description } = model;
  const bounds = { batchSize: 1, batchTokens: 1_024, maxQueue: 16, cacheBytes: 0, cacheTtlMs: 1 };
  const only = { models: [{ ...model, route: "embedded" as const }], modelMemoryBytes: Number.POSITIVE_INFINITY };
  try {
    const node = await TranslationNode.open({ ...only, ...bounds, shortCharacters: 0, workers: 1, intraOpThreads: 1 });
    try {
      const [source, target = ""] = Object.keys(description.languages);
      const request = { text: "Good morning!", sourceLanguage: source, targetLanguages: [target], hints: [] };
      const { translations } = await node.translate(request);
      if (translations[0]?.text === "") return failure(`The model ${name} wrote nothing`, restore(model));
      return ok(`The model ${name} ${description.version} (${licenceNote(license)}) translates`);
    } finally {
      await node.close();
    }
  } catch (error) {
    return failure(`The model ${name} in ${folder} does not run: ${sentenceOf(error)}`, restore(model));
  }
}
