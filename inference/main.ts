import { type InferenceConfig, readConfig } from "./config.ts";
import { readCard } from "./models/card.ts";
import { licenceNote, type RegisteredModel, readRegistry } from "./models/registry.ts";
import { sentenceOf } from "./sentence-of.ts";
import { Registration } from "./serving/registration.ts";
import { startServer } from "./serving/server.ts";
import { loadCertificate } from "./serving/tls.ts";
import { InferenceMetrics } from "./telemetry/metrics.ts";
import { TranslationNode } from "./translation-node.ts";

/** Runs an inference server until it is told to stop. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const startedAt = performance.now();
  const metrics = new InferenceMetrics();
  const { MODELS_FILE: file, MODELS_DIR: modelsFolder, MODEL_DIR: embeddedFolder } = config;
  const models = readRegistry({ file, modelsFolder, embeddedFolder });
  for (const { problem } of models) if (problem !== undefined) console.error(problem);
  const [certificate, node] = await Promise.all([
    loadCertificate(config),
    TranslationNode.open({
      models,
      modelMemoryBytes: config.MODEL_MEMORY_BYTES,
      cardMemoryBytes: cardMemory(models, config),
      shortCharacters: config.ROUTE_SHORT_CHARACTERS,
      workers: config.WORKERS,
      intraOpThreads: config.INTRA_OP_THREADS,
      batchSize: config.ML_BATCH_SIZE,
      batchTokens: config.ML_BATCH_TOKENS,
      maxQueue: config.ML_MAX_QUEUE,
      cacheBytes: config.CACHE_MAX_BYTES,
      cacheTtlMs: config.CACHE_TTL * 1_000,
      observe: metrics,
      onFailure: (model, error) => console.error(`${model}: ${sentenceOf(error)} Another model answers.`),
    }),
  ]);
  metrics.watch(node);
  const { HOST: host, GRPC_PORT: port, DRAIN_TIMEOUT_MS: drainTimeoutMs } = config;
  const server = await startServer({ node, metrics, certificate, host, port, drainTimeoutMs });
  for (const { name, version, license, route, precision, state } of node.models) {
    console.log(
      `Model ${name} ${version} (${licenceNote(license)}), route ${route ?? "by name"}, ${precision}, ${state}`,
    );
  }
  console.log(`Ready after ${Math.round(performance.now() - startedAt)} ms: https://${host}:${server.port}`);
  const registration = register(config, node);

  const stop = async () => {
    process.off("SIGTERM", stop);
    process.off("SIGINT", stop);
    console.log("Draining...");
    await registration?.leave();
    await server.drain();
    await node.close();
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

/** Bytes that models may take on the card; undefined where none runs on one, or its memory is not known. */
function cardMemory(models: readonly RegisteredModel[], config: InferenceConfig): number | undefined {
  if (!models.some(({ description }) => description?.device === "cuda")) return undefined;
  const card = readCard();
  if (card === undefined) {
    console.error("nvidia-smi does not say how much memory the card has: what models take of it is not bounded.");
    return undefined;
  }
  return card.totalBytes * config.GPU_MEMORY_FRACTION;
}

/** Joins the fleet of a Meeshy when the settings name one, in the name of the embedded model. */
function register(config: InferenceConfig, node: TranslationNode): Registration | undefined {
  const { FLEET_URL: edge, FLEET_SECRET: secret, NODE_URL: url, WORKERS: lanes } = config;
  const [embedded] = node.models;
  if (edge === undefined || secret === undefined || url === undefined || embedded === undefined) return undefined;
  const { name: model, version } = embedded;
  const state = () => {
    const { waiting, msPerRow } = node.queueStats;
    // The threads of one model: those of the others share its processors.
    return { model, version, lanes, queued: waiting.live + waiting.batch, msPerRow };
  };
  return new Registration({ edge, secret, url, state, report: console.log });
}

main().catch((error: unknown) => {
  console.error(sentenceOf(error));
  process.exit(1);
});
