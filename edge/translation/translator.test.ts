import { create, toJsonString } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import {
  CacheTier,
  TranslateMessageResponseSchema,
  type TranslationResult,
  TranslationResultSchema,
  TranslationStatus,
} from "../../proto/gen/meeshy/v1/translation_pb.js";
import { migrate } from "../conversation/schema.ts";
import { nodeDatabase } from "../conversation/testing/node-database.ts";
import { type FleetRequest, FleetUnavailableError } from "../fleet/fleet.ts";
import { cacheKeys } from "./cache-key.ts";
import { RoomCache } from "./room-cache.ts";
import type { SharedCache } from "./shared-cache.ts";
import { Translator } from "./translator.ts";

const question = { text: "Good morning", sourceLanguage: "en", targetLanguages: ["fr", "de"], languageHints: [] };

const result = (language: string, status: TranslationStatus = TranslationStatus.TRANSLATED): TranslationResult =>
  create(TranslationResultSchema, { language, status, text: `in ${language}`, provenance: { model: "m" } });

/** A shared cache in memory; several translators may have the same one. */
function memoryCache(): SharedCache & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    get: async (keys) => keys.map((key) => entries.get(key)),
    set: async (more) => {
      for (const [key, value] of more) entries.set(key, value);
    },
  };
}

function newTranslator(options: { shared?: SharedCache; conversation?: string } = {}) {
  const asked: (readonly string[])[] = [];
  const fleet = {
    answer: async (request: FleetRequest) => request.targetLanguages.map((language) => result(language)),
    async translate(request: FleetRequest) {
      asked.push(request.targetLanguages);
      return create(TranslateMessageResponseSchema, { translations: await fleet.answer(request) });
    },
  };
  const database = nodeDatabase();
  migrate(database);
  const translator = new Translator({
    fleet,
    roomCache: new RoomCache(database, () => 0),
    sharedCache: options.shared ?? memoryCache(),
    cacheKey: cacheKeys("a secret of at least thirty-two characters"),
    conversation: () => options.conversation ?? "c1",
  });
  return { translator, fleet, asked };
}

const tiers = (results: readonly TranslationResult[]) => results.map(({ provenance }) => provenance?.cache);

it("asks the fleet once for all languages, and the room's cache from then on", async () => {
  const { translator, asked } = newTranslator();
  expect((await translator.translate(question)).map(({ text }) => text)).toEqual(["in fr", "in de"]);
  const again = await translator.translate({ ...question, targetLanguages: ["de", "es", "fr"] });
  expect(asked).toEqual([["fr", "de"], ["es"]]);
  expect(again.map(({ language }) => language)).toEqual(["de", "es", "fr"]);
  expect(tiers(again)).toEqual([CacheTier.ROOM, CacheTier.UNSPECIFIED, CacheTier.ROOM]);
});

it("finds what another room translated, and keeps it nearer", async () => {
  const shared = memoryCache();
  await newTranslator({ shared }).translator.translate(question);
  const other = newTranslator({ shared, conversation: "c2" });
  expect(tiers(await other.translator.translate(question))).toEqual([CacheTier.SHARED, CacheTier.SHARED]);
  expect(tiers(await other.translator.translate(question))).toEqual([CacheTier.ROOM, CacheTier.ROOM]);
  expect(other.asked).toEqual([]);
});

it("keeps longer texts of one conversation from every other", async () => {
  const shared = memoryCache();
  const long = { ...question, text: "The code of the safe behind the second door is known to nobody." };
  await newTranslator({ shared }).translator.translate(long);
  const other = newTranslator({ shared, conversation: "c2" });
  await other.translator.translate(long);
  expect(other.asked).toEqual([["fr", "de"]]);
});

it("asks once when the same is wanted twice at a time", async () => {
  const { translator, asked } = newTranslator();
  const [first, second] = await Promise.all([
    translator.translate(question),
    translator.translate({ ...question, targetLanguages: ["de", "es"] }),
  ]);
  // Whose keys are made first asks for what both want.
  expect(asked.flat().toSorted()).toEqual(["de", "es", "fr"]);
  expect([first, second].map((results) => results.map(({ language }) => language))).toEqual([
    ["fr", "de"],
    ["de", "es"],
  ]);
});

it("shares translations only: not doubts, failures, or what needs none", async () => {
  const shared = memoryCache();
  const { translator, fleet, asked } = newTranslator({ shared });
  fleet.answer = async () => [
    result("fr", TranslationStatus.LOW_CONFIDENCE),
    result("de", TranslationStatus.SAME_LANGUAGE),
  ];
  await translator.translate(question);
  await translator.translate(question);
  expect(shared.entries.size).toBe(0);
  expect(asked).toEqual([["fr", "de"], ["fr"]]);
});

it("passes an outage on and asks anew the next time", async () => {
  const { translator, fleet, asked } = newTranslator();
  const { answer } = fleet;
  fleet.answer = async () => {
    throw new FleetUnavailableError("down");
  };
  await expect(translator.translate(question)).rejects.toThrow(FleetUnavailableError);
  fleet.answer = answer;
  expect(await translator.translate(question)).toHaveLength(2);
  expect(asked).toHaveLength(2);
});

it("answers FAILED for each language when the fleet refuses the text", async () => {
  const { translator, fleet } = newTranslator();
  fleet.answer = async () => {
    throw new ConnectError("no", Code.InvalidArgument);
  };
  const results = await translator.translate(question);
  expect(results.map(({ language, status }) => [language, status])).toEqual([
    ["fr", TranslationStatus.FAILED],
    ["de", TranslationStatus.FAILED],
  ]);
});

it("treats a cached answer that it cannot read as none", async () => {
  const shared = memoryCache();
  shared.get = async (keys) =>
    keys.map((_, index) => (index === 0 ? "{" : toJsonString(TranslationResultSchema, result("de"))));
  const { translator, asked } = newTranslator({ shared });
  expect(await translator.translate(question)).toHaveLength(2);
  expect(asked).toEqual([["fr"]]);
});
