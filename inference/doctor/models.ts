import type { InferenceConfig } from "../config.ts";
import { type AvailableModel, isAvailable, type RegisteredModel, readRegistry } from "../models/registry.ts";
import { sentenceOf } from "../sentence-of.ts";
import { absent, type Finding, failure, warning } from "./finding.ts";
import { examineMemory } from "./host.ts";
import { examineFiles, examineModel, restore } from "./model.ts";

/** Looks at every model of the registry. Only without the embedded one can the server not start: it answers for the others. */
export async function examineModels(config: InferenceConfig): Promise<Finding[]> {
  const { MODELS_FILE: file, MODELS_DIR: modelsFolder, MODEL_DIR: embeddedFolder } = config;
  let models: RegisteredModel[];
  try {
    models = readRegistry({ file, modelsFolder, embeddedFolder });
  } catch (error) {
    return [failure(sentenceOf(error), "Mend the file, or see MODELS_FILE and MODEL_DIR in docs/inference.md.")];
  }
  const findings = [memoryFor(models.filter(isAvailable), config)];
  for (const model of models) findings.push(...(await examine(model, config)));
  return findings;
}

async function examine(model: RegisteredModel, config: InferenceConfig): Promise<Finding[]> {
  const { name, route, problem } = model;
  const isNeeded = route === "embedded";
  if (!isAvailable(model)) {
    if (isNeeded) return [failure(problem ?? `The files of ${name} are not there`, restore(model))];
    if (problem !== undefined) return [warning(problem, restore(model))];
    return [absent(`The model ${name} is not there`, `To get it: npm run models -- fetch ${name}`)];
  }
  const { MODEL_MEMORY_BYTES: most, WORKERS: workers } = config;
  if (!isNeeded && model.description.device === "cpu" && model.description.bytes * workers > most) {
    return [warning(`The model ${name} takes more memory than models may`, "Raise MODEL_MEMORY_BYTES.")];
  }
  const findings = [...(await examineFiles(model)), await examineModel(model)];
  return isNeeded ? findings : findings.map(asWarning);
}

const asWarning = (finding: Finding): Finding =>
  finding.status === "failure" ? { ...finding, status: "warning" } : finding;

/** Of all models that are there, as far as they may be loaded at a time; the embedded one always is. */
function memoryFor(
  models: readonly AvailableModel[],
  { WORKERS: workers, MODEL_MEMORY_BYTES: most }: InferenceConfig,
): Finding {
  const bytesOf = (some: readonly AvailableModel[]) =>
    some.reduce((sum, { description }) => sum + (description.device === "cpu" ? description.bytes : 0), 0);
  const embedded = bytesOf(models.filter(({ route }) => route === "embedded"));
  const bytes = Math.max(embedded, Math.min(bytesOf(models), most / workers));
  return examineMemory(bytes, workers, process.availableMemory());
}
