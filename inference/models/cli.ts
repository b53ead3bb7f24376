import { readConfig } from "../config.ts";
import { checkFetched, defaultHub, type ExpectedFile, fetchModel } from "./hub.ts";
import { licenceNote, type RegisteredModel, readRegistry } from "./registry.ts";

const usage = `The models that an inference server can use.

  npm run models -- list          what the registry names, and what of it is there
  npm run models -- fetch NAME    downloads a model; goes on where an earlier try stopped
  npm run models -- check         whether the files of fetched models are what they were

MODELS_FILE names the registry, MODELS_DIR the folder of fetched models, HF_ENDPOINT another hub; docs/inference.md tells more.`;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** @throws Error with a sentence that says what to do */
async function run([command, name]: readonly string[]): Promise<void> {
  const { MODELS_FILE: file, MODELS_DIR: modelsFolder } = readConfig(process.env);
  const models = readRegistry({ file, modelsFolder });
  switch (command) {
    case "list":
      return models.forEach(list);
    case "fetch": {
      const model = models.find((one) => one.name === name);
      if (model === undefined) throw new Error(`Name one of ${models.map((one) => one.name).join(", ")}.`);
      return get(model);
    }
    case "check":
      for (const model of models) await check(model);
      return;
    default:
      console.log(usage);
  }
}

function list({ name, route, license, description, problem, hub }: RegisteredModel): void {
  const missing = problem ?? (hub === undefined ? "to be exported" : "not fetched");
  const state = description === undefined ? missing : `${description.precision}, ${megabytes(description.bytes)}`;
  console.log(`${name}  route ${route ?? "by name"}, ${licenceNote(license)}, ${state}`);
}

async function get({ name, license, hub, exportFrom, folder }: RegisteredModel): Promise<void> {
  if (hub === undefined) {
    const command = `optimum-cli export onnx --model ${exportFrom ?? name} --task text2text-generation-with-past ${folder}`;
    throw new Error(`${name} is on no hub in this form. Export it with Optimum:\n  ${command}`);
  }
  console.log(`${name} (${licenceNote(license)}) from ${hub.repository}`);
  const isTerminal = process.stdout.isTTY;
  const done = new Set<string>();
  const onProgress = (file: ExpectedFile, bytes: number) => {
    if (isTerminal) process.stdout.write(`\r  ${file.path}: ${megabytes(bytes)} of ${megabytes(file.size)}`);
    if (bytes < file.size || done.has(file.path)) return;
    done.add(file.path);
    console.log(isTerminal ? "" : `  ${file.path}: ${megabytes(file.size)}`);
  };
  await fetchModel({ hub, folder, endpoint: process.env.HF_ENDPOINT ?? defaultHub, onProgress });
  console.log(`${name} is in ${folder}; servers use it from their next start.`);
}

async function check({ name, folder }: RegisteredModel): Promise<void> {
  for (const { path, isGood } of await checkFetched(folder)) {
    if (!isGood) process.exitCode = 1;
    console.log(`${name}  ${path}: ${isGood ? "as fetched" : "DAMAGED or missing; fetch it again"}`);
  }
}

run(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
