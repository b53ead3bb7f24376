import { type InferenceConfig, readConfig } from "./config.ts";
import { Registration } from "./serving/registration.ts";
import { startServer } from "./serving/server.ts";
import { loadCertificate } from "./serving/tls.ts";
import { InferenceMetrics } from "./telemetry/metrics.ts";
import { embeddedModel, TranslationNode } from "./translation-node.ts";

/** Runs an inference server until it is told to stop. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const startedAt = performance.now();
  const metrics = new InferenceMetrics();
  const [certificate, node] = await Promise.all([
    loadCertificate(config),
    TranslationNode.open({
      modelFolder: config.MODEL_DIR ?? embeddedModel,
      workers: config.WORKERS,
      intraOpThreads: config.INTRA_OP_THREADS,
      batchSize: config.ML_BATCH_SIZE,
      batchTokens: config.ML_BATCH_TOKENS,
      maxQueue: config.ML_MAX_QUEUE,
      cacheBytes: config.CACHE_MAX_BYTES,
      cacheTtlMs: config.CACHE_TTL * 1_000,
      observe: metrics,
    }),
  ]);
  metrics.watch(node);
  const { HOST: host, GRPC_PORT: port, DRAIN_TIMEOUT_MS: drainTimeoutMs } = config;
  const server = await startServer({ node, metrics, certificate, host, port, drainTimeoutMs });
  const { name, version, license } = node.model;
  console.log(
    `Model ${name} ${version} (licence ${license}) ready after ${Math.round(performance.now() - startedAt)} ms: https://${host}:${server.port}`,
  );
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

/** Joins the fleet of a Meeshy when the settings name one. */
function register(config: InferenceConfig, node: TranslationNode): Registration | undefined {
  const { FLEET_URL: edge, FLEET_SECRET: secret, NODE_URL: url } = config;
  if (edge === undefined || secret === undefined || url === undefined) return undefined;
  const { name: model, version } = node.model;
  const state = () => {
    const { lanes, waiting, msPerRow } = node.queueStats;
    return { model, version, lanes, queued: waiting.live + waiting.batch, msPerRow };
  };
  return new Registration({ edge, secret, url, state, report: console.log });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
