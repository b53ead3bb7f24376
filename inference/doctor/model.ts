import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TranslationNode } from "../translation-node.ts";
import { type Finding, failure, ok, sentenceOf, warning } from "./finding.ts";

const restore = "Get the files anew: git checkout -- inference/models/embedded, or export the model again.";

/** Compares a model's files with the SHA256SUMS beside them, as `sha256sum --check` does. */
export function examineFiles(folder: string): Finding[] {
  const list = join(folder, "SHA256SUMS");
  if (!existsSync(list)) {
    const advice = `To notice damage later: cd ${folder} && sha256sum *.json onnx/*.onnx > SHA256SUMS`;
    return [warning("The model has no checksums", advice)];
  }
  const lines = readFileSync(list, "utf8").trimEnd().split("\n");
  const bad = lines.flatMap((line) => {
    const [expected, name = ""] = line.split(/ [ *]/, 2);
    const path = join(folder, name);
    if (!existsSync(path)) return [failure(`${path} is missing`, restore)];
    const actual = createHash("sha256").update(readFileSync(path)).digest("hex");
    return actual === expected ? [] : [failure(`${path} is damaged or another one`, restore)];
  });
  return bad.length > 0 ? bad : [ok(`The model's ${lines.length} files are as they were made`)];
}

/** Loads a model and translates a sentence with it. */
export async function examineModel(modelFolder: string): Promise<Finding> {
  const bounds = { batchSize: 1, batchTokens: 1_024, maxQueue: 16, cacheBytes: 0, cacheTtlMs: 1 };
  try {
    const node = await TranslationNode.open({ modelFolder, workers: 1, intraOpThreads: 1, ...bounds });
    try {
      const [source, ...others] = Object.keys(node.model.languages);
      const [target = ""] = others;
      const request = { text: "Good morning!", sourceLanguage: source, targetLanguages: [target], hints: [] };
      const { translations } = await node.translate(request);
      const { name, version, license } = node.model;
      if (translations[0]?.text === "") return failure(`The model ${name} wrote nothing`, restore);
      return ok(`The model ${name} ${version} (licence ${license}) translates`);
    } finally {
      await node.close();
    }
  } catch (error) {
    return failure(`The model in ${modelFolder} does not run: ${sentenceOf(error)}`, restore);
  }
}
