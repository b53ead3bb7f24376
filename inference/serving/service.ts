import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import {
  BatchTranslateResultSchema,
  CacheTier,
  type TranslateMessageRequest,
  type TranslateMessageResponse,
  TranslateMessageResponseSchema,
  type TranslationService,
  TranslationStatus,
} from "../../proto/gen/meeshy/v1/translation_pb.js";
import { OverloadedError } from "../batching/scheduler.ts";
import { EngineError } from "../engine/pool.ts";
import type { InferenceMetrics } from "../telemetry/metrics.ts";
import type { TextStatus } from "../text-translator.ts";
import { type NodeAnswer, type TranslationNode, UnknownPairError } from "../translation-node.ts";
import { bounds, checkRequest } from "./validate.ts";

export interface ServiceParts {
  readonly node: TranslationNode;
  readonly metrics: InferenceMetrics;
  /** True once the server is to stop: what is under way is answered, nothing new begins. */
  readonly isDraining: () => boolean;
}

/** meeshy.v1.TranslationService over the models of a node. */
export function translationService({
  node,
  metrics,
  isDraining,
}: ServiceParts): ServiceImpl<typeof TranslationService> {
  const abilities = {
    models: node.models.map(({ name }) => name),
    languages: [...new Set(node.models.flatMap(({ languages }) => languages))],
  };

  async function translate(request: TranslateMessageRequest, signal: AbortSignal): Promise<TranslateMessageResponse> {
    const startedAt = performance.now();
    const answer = await node.translate({ ...checkRequest(request, abilities), signal });
    const latencyMs = performance.now() - startedAt;
    metrics.answered(answer, latencyMs);
    return respond(answer, latencyMs);
  }

  /** Runs what serves a call; whatever goes wrong becomes a status that tells the caller what to do. */
  async function serve<Answer>(method: string, context: HandlerContext, work: () => Promise<Answer>): Promise<Answer> {
    try {
      if (isDraining()) throw new ConnectError("This node is shutting down; ask another.", Code.Unavailable);
      const answer = await work();
      metrics.called(method, "ok");
      return answer;
    } catch (error) {
      const status = asStatus(error, context.signal);
      metrics.called(method, Code[status.code].toLowerCase());
      throw status;
    }
  }

  return {
    translateMessage: (request, context) =>
      serve("TranslateMessage", context, () => translate(request, context.signal)),

    batchTranslate: (request, context) =>
      serve("BatchTranslate", context, async () => {
        const { items } = request;
        if (items.length === 0 || items.length > bounds.items) {
          throw new ConnectError(`Send 1 to ${bounds.items} items.`, Code.InvalidArgument);
        }
        const results = items.map(async (item) => {
          try {
            const value = await translate(item, context.signal);
            return create(BatchTranslateResultSchema, { result: { case: "response", value } });
          } catch (error) {
            const { code, rawMessage: message } = asStatus(error, context.signal);
            return create(BatchTranslateResultSchema, {
              result: { case: "error", value: { code: snakeCase(Code[code]), message } },
            });
          }
        });
        return { results: await Promise.all(results) };
      }),

    getCacheStats() {
      const { entries, bytes, maxBytes, hits, misses, evictions, expirations } = node.cacheStats;
      return {
        entries,
        // Bounded by bytes, not by their number.
        maxEntries: 0,
        bytes: String(bytes),
        maxBytes: String(maxBytes),
        hits: String(hits),
        misses: String(misses),
        evictions: String(evictions),
        expirations: String(expirations),
      };
    },
  };
}

const statuses: Readonly<Record<TextStatus, TranslationStatus>> = {
  translated: TranslationStatus.TRANSLATED,
  same_language: TranslationStatus.SAME_LANGUAGE,
  nothing_to_translate: TranslationStatus.NOTHING_TO_TRANSLATE,
  low_confidence: TranslationStatus.LOW_CONFIDENCE,
};

function respond({ source, translations }: NodeAnswer, latencyMs: number): TranslateMessageResponse {
  return create(TranslateMessageResponseSchema, {
    source,
    translations: translations.map(({ language, status, text, doubt, confidence, isCached, model, fallbackFrom }) => {
      return {
        language,
        status: statuses[status],
        text,
        reason: doubt ?? "",
        provenance: {
          engine: model === undefined ? "none" : "onnxruntime",
          model: model?.name ?? "",
          modelVersion: model?.version ?? "",
          fallbackFrom: fallbackFrom ?? "",
          cache: isCached ? CacheTier.NODE : CacheTier.UNSPECIFIED,
          latencyMs,
          sourceLanguage: source.language,
          sourceConfidence: source.confidence,
          confidence,
        },
      };
    }),
  });
}

function asStatus(error: unknown, signal: AbortSignal): ConnectError {
  if (error instanceof ConnectError) return error;
  if (error instanceof OverloadedError) {
    const headers = { "retry-after-ms": String(error.retryAfterMs) };
    return new ConnectError(error.message, Code.ResourceExhausted, headers);
  }
  if (error instanceof UnknownPairError) return new ConnectError(error.message, Code.InvalidArgument);
  if (error instanceof EngineError) return new ConnectError("The model could not run; try again.", Code.Internal);
  if (signal.aborted) return ConnectError.from(signal.reason, Code.Canceled);
  return new ConnectError("Something broke in this node; ask another.", Code.Internal, undefined, undefined, error);
}

const snakeCase = (name: string): string => name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
