import { parseArgs } from "node:util";
import { demoPassword, demoPeople } from "./local/demo.ts";
import { startStack } from "./local/stack.ts";

const usage = `Runs all of Meeshy on this machine.

  npm start -- [options]

  --reset          forget all data and begin anew
  --port N         port of the web app (default 8787; a free one when it is in use)
  --data DIR       where data is kept (default .meeshy)
  --no-demo        no demo people
  --help           this text

DATABASE_URL, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN and INFERENCE_NODES point it at real services.`;

const { values } = parseArgs({
  options: {
    reset: { type: "boolean", default: false },
    port: { type: "string", default: "8787" },
    data: { type: "string", default: ".meeshy" },
    "no-demo": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  console.log(usage);
  process.exit(0);
}
const port = Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error(`--port ${values.port} is not a port: give a number from 0 to 65535.`);
  process.exit(2);
}

const startedAt = performance.now();
const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
console.log("Starting Meeshy: the first start builds the web app and takes a little longer.\n");

const starting = startStack({
  dataDirectory: values.data,
  port,
  inferencePort: 8443,
  reset: values.reset,
  demo: !values["no-demo"],
  environment: process.env,
  onProgress: (part, detail) => console.log(`  ${part.padEnd(10)} ${detail}`),
});
onSignals(stop);
const stack = await starting.catch((error: unknown) => {
  console.error(`\nMeeshy did not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
onSignals(stop);

console.log(`\nMeeshy is ready after ${seconds()} s. Open ${stack.url}`);
if (!values["no-demo"]) {
  const people = demoPeople.map((person) => `${person.username} (${person.readingLanguage})`).join(", ");
  console.log(`Sign in as ${people}; the password is ${demoPassword}. Use two browsers, or a private window.`);
}
console.log("Ctrl-C stops everything; what people wrote is kept.");

async function stop(): Promise<void> {
  onSignals(() => process.exit(1));
  console.log("\nStopping...");
  await starting.then((started) => started.close()).catch(() => {});
  process.exit(0);
}

/** Miniflare's own handlers would end the process at once, and leave open what they do not know. */
function onSignals(handle: () => void): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeAllListeners(signal).on(signal, handle);
}
