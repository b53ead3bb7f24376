import { create } from "@bufbuild/protobuf";
import {
  CacheTier,
  type GetCacheStatsResponse,
  GetCacheStatsResponseSchema,
  type TranslateMessageResponse,
  TranslateMessageResponseSchema,
  TranslationStatus,
} from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { TextStatus } from "../text-translator.ts";
import type { NodeAnswer, TranslationNode } from "../translation-node.ts";

const statuses: Readonly<Record<TextStatus, TranslationStatus>> = {
  translated: TranslationStatus.TRANSLATED,
  same_language: TranslationStatus.SAME_LANGUAGE,
  nothing_to_translate: TranslationStatus.NOTHING_TO_TRANSLATE,
  low_confidence: TranslationStatus.LOW_CONFIDENCE,
};

/** An answer as it goes over the wire. */
export function respond({ source, translations }: NodeAnswer, latencyMs: number): TranslateMessageResponse {
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

/** What the cache holds, as it goes over the wire. */
export function cacheStatsResponse(stats: TranslationNode["cacheStats"]): GetCacheStatsResponse {
  const { entries, bytes, maxBytes, hits, misses, evictions, expirations } = stats;
  return create(GetCacheStatsResponseSchema, {
    entries,
    // Bounded by bytes, not by their number.
    maxEntries: 0,
    bytes: String(bytes),
    maxBytes: String(maxBytes),
    hits: String(hits),
    misses: String(misses),
    evictions: String(evictions),
    expirations: String(expirations),
  });
}
