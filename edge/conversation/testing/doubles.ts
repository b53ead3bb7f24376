import { Code, ConnectError, createConnectRouter } from "@connectrpc/connect";
import { createFetchHandler } from "@connectrpc/connect/protocol";
import { TranslationService, TranslationStatus } from "../../../proto/gen/meeshy/v1/translation_pb.js";
import type { FleetFetch } from "../../fleet/fleet.ts";
import type { Archive } from "../archive.ts";
import type { LogBatch } from "../contract.ts";
import type { LogSink } from "../outbox.ts";
import { RecordInMemory } from "./record.ts";

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

const records = new Map<string, RecordInMemory>();

/** The record of a conversation, while the database is up. */
function recordOf(conversationId: string): RecordInMemory {
  if (outside.databaseIsDown) throw new Error("The database is down.");
  const record = records.get(conversationId) ?? new RecordInMemory();
  records.set(conversationId, record);
  return record;
}

/** A system of record that keeps what it was given, and gives it back. */
export const recordDouble: LogSink & Archive = {
  async append(batch) {
    await recordOf(batch.conversationId).append(batch);
    outside.batches.push(batch);
  },
  page: async (id, ...query) => recordOf(id).page(id, ...query),
  find: async (id, ...query) => recordOf(id).find(id, ...query),
  pinned: async (id) => recordOf(id).pinned(),
  sends: async (id, ...query) => recordOf(id).sends(id, ...query),
  members: async (id) => recordOf(id).members(),
  reads: async (id) => recordOf(id).reads(),
  takeOver: async (id, ...query) => recordOf(id).takeOver(id, ...query),
};
