import { readConfig } from "./config.ts";
import { licenceNote, readRegistry } from "./models/registry.ts";
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
      shortCharacters: config.ROUTE_SHORT_CHARACTERS,
      workers: config.WORKERS,
      intraOpThreads: config.INTRA_OP_THREADS,
      batchSize: config.ML_BATCH_SIZE,
      maxQueue: config.ML_MAX_QUEUE,
      cacheBytes: config.CACHE_MAX_BYTES,
      cacheTtlMs: config.CACHE_TTL * 1_000,
      observe: metrics,
      onFailure: (model, error) => console.error(`${model}: ${describe(error)} Another model answers.`),
    }),
  ]);
  metrics.gauge("queue_depth", "Sentences that wait for a thread.", () => node.queueDepth);
  metrics.gauge("cache_entries", "Translations in the node's cache.", () => node.cacheStats.entries);
  metrics.gauge("cache_bytes", "Bytes that they take, about.", () => node.cacheStats.bytes);
  const { HOST: host, GRPC_PORT: port, DRAIN_TIMEOUT_MS: drainTimeoutMs } = config;
  const server = await startServer({ node, metrics, certificate, host, port, drainTimeoutMs });
  for (const { name, version, license, route, precision, state } of node.models) {
    console.log(
      `Model ${name} ${version} (${licenceNote(license)}), route ${route ?? "by name"}, ${precision}, ${state}`,
    );
  }
  console.log(`Ready after ${Math.round(performance.now() - startedAt)} ms: https://${host}:${server.port}`);

  const stop = async () => {
    process.off("SIGTERM", stop);
    process.off("SIGINT", stop);
    console.log("Draining...");
    await server.drain();
    await node.close();
    process.exit(0);
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

/** An error and what led to it, in one line. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ${describe(error.cause)}`;
}

main().catch((error: unknown) => {
  console.error(describe(error));
  process.exit(1);
});
