import { Code, ConnectError } from "@connectrpc/connect";
import type { TranslateMessageRequest } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { findLanguage, languageCodes } from "../../proto/languages.ts";
import type { TextRequest } from "../text-translator.ts";

/** Bounds of a request; proto/meeshy/v1/translation.proto states them. */
export const bounds = { textLength: 10_000, targets: 16, hints: 8, items: 256, streamItems: 20_000 } as const;

const refuse = (message: string): ConnectError => new ConnectError(message, Code.InvalidArgument);

/** @throws ConnectError INVALID_ARGUMENT for a job of no items or too many */
export function checkCount(items: number, most: number): void {
  if (items === 0 || items > most) throw refuse(`Send 1 to ${most} items.`);
}

/** What a node can do. */
export interface Abilities {
  /** Names of its models, the one that answers everything else first. */
  readonly models: readonly string[];
  /** Codes that any of them knows. */
  readonly languages: readonly string[];
}

/**
 * Checks a request and brings its languages into their canonical form.
 *
 * @throws ConnectError INVALID_ARGUMENT with a sentence that says what to do; NOT_FOUND for an unknown model
 */
export function checkRequest(request: TranslateMessageRequest, { models, languages }: Abilities): TextRequest {
  const { text, sourceLanguage, targetLanguages, languageHints } = request;
  if (text.trim() === "") throw refuse("Give a text that is not only white space.");
  if (text.length > bounds.textLength) throw refuse(`Shorten the text to at most ${bounds.textLength} characters.`);
  if (targetLanguages.length === 0) throw refuse("Name at least one target language.");
  if (targetLanguages.length > bounds.targets) throw refuse(`Name at most ${bounds.targets} target languages.`);
  if (languageHints.length > bounds.hints) throw refuse(`Name at most ${bounds.hints} language hints.`);
  if (request.model !== "" && !models.includes(request.model)) {
    const known = models.join(", ");
    throw new ConnectError(`There is no model ${request.model} here; leave it empty or name ${known}.`, Code.NotFound);
  }
  const known = (tag: string): string => {
    const code = findLanguage(tag)?.code;
    if (code === undefined || !languages.includes(code)) {
      throw refuse(`The language ${JSON.stringify(tag)} is unknown; choose among ${languageCodes.join(", ")}.`);
    }
    return code;
  };
  return {
    text: text.toWellFormed(),
    sourceLanguage: sourceLanguage === "" ? undefined : known(sourceLanguage),
    targetLanguages: targetLanguages.map(known),
    model: request.model === "" ? undefined : request.model,
    hints: languageHints.map((tag) => findLanguage(tag)?.code).filter((code) => code !== undefined),
  };
}
