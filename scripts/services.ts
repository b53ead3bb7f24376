import { rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { localSecrets } from "./local/secrets.ts";
import { startServices } from "./local/services.ts";

const usage = `Runs what the Worker needs (database, cache, inference), for use with wrangler dev.

  npm run services -- [--data DIR]

Writes the addresses to .dev.vars, which wrangler reads, and removes it when it stops.`;

const { values } = parseArgs({
  options: { data: { type: "string", default: ".meeshy" }, help: { type: "boolean", default: false } },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const variablesFile = ".dev.vars";
const services = await startServices({
  dataDirectory: values.data,
  inferencePort: 8443,
  environment: process.env,
}).catch((error: unknown) => {
  console.error(`The services did not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
const { database, cache, inference, inferenceNodes } = services;
const variables = {
  ...localSecrets(values.data),
  ...database.bindings,
  ...cache.bindings,
  INFERENCE_NODES: inferenceNodes,
};
const lines = Object.entries(variables).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`);
writeFileSync(variablesFile, lines.join(""), { mode: 0o600 });

console.log(`  database   ${database.description}
  cache      ${cache.description}
  inference  ${inferenceNodes}

In another terminal:

  npm run build
  ${inference === undefined ? "" : `NODE_EXTRA_CA_CERTS=${inference.certificatePath} `}npx wrangler dev

Ctrl-C stops these services.`);

let isStopping = false;
async function stop(): Promise<void> {
  if (isStopping) process.exit(1);
  isStopping = true;
  rmSync(variablesFile, { force: true });
  await services.close();
  process.exit(0);
}
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
