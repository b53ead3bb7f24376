import { Code, ConnectError, createConnectRouter } from "@connectrpc/connect";
import { createFetchHandler } from "@connectrpc/connect/protocol";
import { TranslationService, TranslationStatus } from "../../../proto/gen/meeshy/v1/translation_pb.js";
import type { FleetFetch } from "../../fleet/fleet.ts";
import type { LogBatch } from "../contract.ts";
import type { LogSink } from "../outbox.ts";

/** The tests' hands on what lies outside the room. */
export const outside = {
  fleetIsDown: false,
  /** While set, the fleet answers only once it resolves. */
  fleetGate: undefined as Promise<void> | undefined,
  /** Texts of the calls that reached the fleet. */
  fleetCalls: [] as string[],
  databaseIsDown: false,
  batches: [] as LogBatch[],
  /** Who shares a conversation with whom, by user id. */
  contacts: new Map<string, string[]>(),
};

const router = createConnectRouter().service(TranslationService, {
  async translateMessage({ text, sourceLanguage, targetLanguages }) {
    outside.fleetCalls.push(text);
    await outside.fleetGate;
    const source = sourceLanguage || "en";
    return {
      source: { language: source, confidence: 0.9, declared: sourceLanguage !== "" },
      translations: targetLanguages.map((language) => ({
        language,
        ...(language === source
          ? { status: TranslationStatus.SAME_LANGUAGE }
          : { status: TranslationStatus.TRANSLATED, text: `${language}: ${text}` }),
        provenance: {
          engine: "double",
          model: "echo",
          modelVersion: "1",
          sourceLanguage: source,
          sourceConfidence: 0.9,
        },
      })),
    };
  },
  batchTranslate() {
    throw new ConnectError("The room never asks for a batch.", Code.Unimplemented);
  },
});

const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, createFetchHandler(handler)]));

/** An inference server behind Connect's own wire protocol: real requests in, real responses out, no network between. */
export const fleetDouble: FleetFetch = async (url, init) => {
  if (outside.fleetIsDown) throw new TypeError("Network connection lost.");
  const handler = handlers.get(new URL(url).pathname);
  return handler === undefined ? new Response(null, { status: 404 }) : handler(new Request(url, init));
};

/** A system of record that keeps what it was given. */
export const sinkDouble: LogSink = {
  async append(batch) {
    if (outside.databaseIsDown) throw new Error("The database is down.");
    outside.batches.push(batch);
  },
};
