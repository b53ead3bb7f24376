import { create } from "@bufbuild/protobuf";
import { Code, type ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import {
  BatchTranslateResultSchema,
  StreamTranslateResponseSchema,
  type TranslateMessageRequest,
  type TranslateMessageResponse,
  type TranslationService,
} from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { Terms } from "../batching/work.ts";
import type { InferenceMetrics } from "../telemetry/metrics.ts";
import type { TranslationNode } from "../translation-node.ts";
import { asCompleted } from "./as-completed.ts";
import { cacheStatsResponse, respond } from "./respond.ts";
import { asItemError, asStatus, draining } from "./status.ts";
import { priorityOf, termsOf } from "./terms.ts";
import { bounds, checkCount, checkRequest } from "./validate.ts";

export interface ServiceParts {
  readonly node: TranslationNode;
  readonly metrics: InferenceMetrics;
  /** True once the server is to stop: what is under way is answered, nothing new begins. */
  readonly isDraining: () => boolean;
}

/** Items of a streamed job that are under way or not yet read by the caller: enough to fill the batches of a few threads. */
const streamAhead = 128;

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

  async function translate(request: TranslateMessageRequest, standard: Terms): Promise<TranslateMessageResponse> {
    const startedAt = performance.now();
    const terms = { ...standard, priority: priorityOf(request.priority, standard.priority) };
    const answer = await node.translate({ ...checkRequest(request, abilities), terms });
    const latencyMs = performance.now() - startedAt;
    metrics.answered(answer, latencyMs);
    return respond(answer, latencyMs);
  }

  /** The result of one item among many: a bad one fails alone. When nobody waits for any of them, all of them fail. */
  async function attempt(item: TranslateMessageRequest, terms: Terms, signal: AbortSignal) {
    try {
      return { case: "response" as const, value: await translate(item, terms) };
    } catch (error) {
      if (signal.aborted) throw asStatus(error, signal);
      return { case: "error" as const, value: asItemError(error, signal) };
    }
  }

  /** Refuses a call that this node cannot begin. */
  function admit(): void {
    if (isDraining()) throw draining();
  }

  /** Runs what serves a call; whatever goes wrong becomes a status that tells the caller what to do. */
  async function serve<Answer>(method: string, context: HandlerContext, work: () => Promise<Answer>): Promise<Answer> {
    try {
      admit();
      const answer = await work();
      metrics.called(method, "ok");
      return answer;
    } catch (error) {
      throw failed(method, error, context);
    }
  }

  function failed(method: string, error: unknown, { signal }: HandlerContext): ConnectError {
    const status = asStatus(error, signal);
    metrics.called(method, Code[status.code].toLowerCase());
    return status;
  }

  return {
    translateMessage: (request, context) =>
      serve("TranslateMessage", context, () => translate(request, termsOf(context, "live"))),

    batchTranslate: ({ items }, context) =>
      serve("BatchTranslate", context, async () => {
        checkCount(items.length, bounds.items);
        const terms = termsOf(context, "batch");
        const results = await Promise.all(items.map((item) => attempt(item, terms, context.signal)));
        return { results: results.map((result) => create(BatchTranslateResultSchema, { result })) };
      }),

    async *streamTranslate({ items }, context) {
      try {
        admit();
        checkCount(items.length, bounds.streamItems);
        const terms = { ...termsOf(context, "batch"), waitsForRoom: true };
        const results = asCompleted({
          items,
          ahead: streamAhead,
          mayBegin: () => !isDraining(),
          work: async (item, index) => ({ index, result: await attempt(item, terms, context.signal) }),
        });
        let given = 0;
        for await (const result of results) {
          yield create(StreamTranslateResponseSchema, result);
          given += 1;
        }
        if (given < items.length) throw draining();
        metrics.called("StreamTranslate", "ok");
      } catch (error) {
        throw failed("StreamTranslate", error, context);
      }
    },

    getCacheStats: () => cacheStatsResponse(node.cacheStats),
  };
}
