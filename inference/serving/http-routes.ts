import { toJson } from "@bufbuild/protobuf";
import type { connectNodeAdapter } from "@connectrpc/connect-node";
import { GetCacheStatsResponseSchema } from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { InferenceMetrics } from "../telemetry/metrics.ts";
import type { TranslationNode } from "../translation-node.ts";
import { cacheStatsResponse } from "./respond.ts";

export interface HttpParts {
  readonly node: TranslationNode;
  readonly metrics: InferenceMetrics;
  /** False once the server is to stop. */
  readonly isServing: () => boolean;
}

type Fallback = NonNullable<Parameters<typeof connectNodeAdapter>[0]["fallback"]>;

interface JsonAnswer {
  readonly status?: number;
  readonly body: unknown;
}

/** Health, metrics and statistics over plain HTTP; docs/inference.md lists them. */
export function httpRoutes(parts: HttpParts): Fallback {
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "https://localhost");
    if (pathname === "/metrics") {
      const text = await parts.metrics.text();
      response.writeHead(200, { "content-type": parts.metrics.contentType });
      response.end(text);
      return;
    }
    const { status = 200, body } = await answer(pathname, parts);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
}

async function answer(pathname: string, { node, metrics, isServing }: HttpParts): Promise<JsonAnswer> {
  const readiness = isServing() ? { status: 200, name: "ok" } : { status: 503, name: "draining" };
  switch (pathname) {
    case "/health/live":
      return { body: { status: "ok" } };
    case "/health/ready":
      return { status: readiness.status, body: { status: readiness.name } };
    case "/health": {
      const { models, queueStats, cacheStats } = node;
      return {
        status: readiness.status,
        body: { status: readiness.name, models, queue: queueStats.waiting, cache: cacheStats },
      };
    }
    case "/translate/models":
      return { body: { models: node.models } };
    case "/metrics/performance": {
      const { rss, heapUsed, external } = process.memoryUsage();
      const memory = { modelBytes: node.modelBytes, rssBytes: rss, heapUsedBytes: heapUsed, externalBytes: external };
      const { hits, misses } = node.cacheStats;
      const cache = { hits, misses, hitRatio: hits / Math.max(1, hits + misses) };
      return { body: { uptimeSeconds: process.uptime(), ...(await metrics.performance()), cache, memory } };
    }
    case "/metrics/queue":
      return { body: { ...node.queueStats, models: node.queues } };
    case "/translate/cache/stats":
      return { body: toJson(GetCacheStatsResponseSchema, cacheStatsResponse(node.cacheStats), everyField) };
    default:
      return { status: 404, body: { error: "There is nothing here; docs/inference.md lists what there is." } };
  }
}

/** Zeros are numbers too: a reader need not know the defaults. */
const everyField = { alwaysEmitImplicit: true };
