import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import {
  CacheTier,
  type TranslationResult,
  TranslationResultSchema,
  TranslationStatus,
} from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { Fleet, FleetRequest } from "../fleet/fleet.ts";
import { type CacheKeyParts, partitionOf } from "./cache-key.ts";
import type { RoomCache } from "./room-cache.ts";
import type { SharedCache } from "./shared-cache.ts";

export interface TranslatorParts {
  readonly fleet: Pick<Fleet, "translate">;
  readonly roomCache: Pick<RoomCache, "get" | "set">;
  readonly sharedCache: SharedCache;
  readonly cacheKey: (parts: CacheKeyParts) => Promise<string>;
  /** The conversation whose longer texts stay apart in the shared cache. */
  readonly conversation: () => string;
}

/**
 * Answers from the nearest place that knows: the room's cache, the shared one, the fleet, which is asked once for all
 * languages that are left. The same question asked twice at a time is asked once. Provenance says which tier answered.
 */
export class Translator {
  readonly #parts: TranslatorParts;
  readonly #inFlight = new Map<string, Promise<TranslationResult | undefined>>();

  constructor(parts: TranslatorParts) {
    this.#parts = parts;
  }

  /**
   * One result per target that has an answer, in the order asked.
   * @throws FleetUnavailableError when answers are missing and no node can be reached
   */
  async translate(question: FleetRequest): Promise<TranslationResult[]> {
    const { text, sourceLanguage, targetLanguages } = question;
    const partition = partitionOf(text, this.#parts.conversation());
    const keys = await Promise.all(
      targetLanguages.map((targetLanguage) =>
        this.#parts.cacheKey({ text, sourceLanguage, targetLanguage, partition }),
      ),
    );
    // From here to the maps no await, so that two callers cannot both find a question unasked.
    const unasked = targetLanguages
      .map((language, index) => ({ language, key: keys[index] ?? "" }))
      .filter(({ key }) => !this.#inFlight.has(key));
    if (unasked.length > 0) this.#ask(question, unasked);
    const answers = await Promise.all(keys.map((key) => this.#inFlight.get(key)));
    return answers.filter((answer) => answer !== undefined);
  }

  /** Starts one lookup for several targets and lets each of them be waited for by its key. */
  #ask(question: FleetRequest, targets: readonly Target[]): void {
    const lookup = this.#lookUp(question, targets);
    for (const { key } of targets) {
      const answer = lookup.then((found) => found.get(key)).finally(() => this.#inFlight.delete(key));
      this.#inFlight.set(key, answer);
    }
  }

  async #lookUp(question: FleetRequest, targets: readonly Target[]): Promise<Map<string, TranslationResult>> {
    const { fleet, roomCache, sharedCache } = this.#parts;
    const found = new Map<string, TranslationResult>();
    const keep = (key: string, cached: string | undefined, tier: CacheTier) => {
      const result = parse(cached, tier);
      if (result !== undefined) found.set(key, result);
    };

    for (const { key } of targets) keep(key, roomCache.get(key), CacheTier.ROOM);
    const notInRoom = targets.filter(({ key }) => !found.has(key));
    if (notInRoom.length === 0) return found;

    const shared = await sharedCache.get(notInRoom.map(({ key }) => key));
    notInRoom.forEach(({ key }, index) => {
      const cached = shared[index];
      keep(key, cached, CacheTier.SHARED);
      if (cached !== undefined && found.has(key)) roomCache.set(key, cached);
    });
    const unknown = notInRoom.filter(({ key }) => !found.has(key));
    if (unknown.length === 0) return found;

    const targetLanguages = unknown.map(({ language }) => language);
    const results = await this.#askFleet(fleet, { ...question, targetLanguages });
    const shareable = new Map<string, string>();
    for (const { key, language } of unknown) {
      const result = results.find((candidate) => candidate.language === language);
      if (result === undefined) continue;
      found.set(key, result);
      // A failure or a doubt deserves another try, so it is kept nowhere.
      if (!isFinal(result)) continue;
      const cached = toJsonString(TranslationResultSchema, result);
      roomCache.set(key, cached);
      if (result.status === TranslationStatus.TRANSLATED) shareable.set(key, cached);
    }
    // Nobody waits for the shared cache to be written.
    if (shareable.size > 0) void sharedCache.set(shareable);
    return found;
  }

  async #askFleet(fleet: Pick<Fleet, "translate">, request: FleetRequest): Promise<readonly TranslationResult[]> {
    try {
      return (await fleet.translate(request)).translations;
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      // The nodes were there and would not: for each target that is a failure, not an outage.
      return request.targetLanguages.map((language) =>
        create(TranslationResultSchema, { language, status: TranslationStatus.FAILED, reason: "model_error" }),
      );
    }
  }
}

interface Target {
  readonly language: string;
  readonly key: string;
}

const isFinal = ({ status }: TranslationResult): boolean =>
  status === TranslationStatus.TRANSLATED ||
  status === TranslationStatus.SAME_LANGUAGE ||
  status === TranslationStatus.NOTHING_TO_TRANSLATE;

/** A cached answer, marked with where it came from; undefined when there is none or it cannot be read. */
function parse(cached: string | undefined, tier: CacheTier): TranslationResult | undefined {
  if (cached === undefined) return undefined;
  try {
    const result = fromJsonString(TranslationResultSchema, cached, { ignoreUnknownFields: true });
    if (result.provenance !== undefined) result.provenance.cache = tier;
    return result;
  } catch {
    return undefined;
  }
}
