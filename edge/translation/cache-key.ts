/**
 * Raised when models or output change so much that answers from before must not be shown any more: it is part of every
 * key, so all of them miss.
 */
const generation = "1";

/** What a cached answer depends on. */
export interface CacheKeyParts {
  readonly text: string;
  /** BCP 47 code; empty: it was to be detected. */
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
  /** Names who may share the answer; empty: everybody. */
  readonly partition: string;
}

/** Texts up to this many UTF-16 code units are everyday phrases ("See you tomorrow!"), where sharing pays. */
const sharedLength = 50;

/**
 * Who may share a translation of a text. Short phrases are shared by all conversations; anything longer only within one, so
 * that how fast a text is translated tells nobody whether another conversation holds it.
 */
export const partitionOf = (text: string, conversation: string): string =>
  text.length <= sharedLength ? "" : conversation;

/** Makes keys that reveal nothing of the text to whoever reads the cache: HMAC-SHA-256, as 43 characters of base64url. */
export function cacheKeys(secret: string): (parts: CacheKeyParts) => Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  return async ({ text, sourceLanguage, targetLanguage, partition }) => {
    const normalised = text.normalize("NFC").trim();
    // JSON keeps the parts apart: no text can pass for another text and language.
    const question = JSON.stringify([generation, partition, sourceLanguage, targetLanguage, normalised]);
    const digest = await crypto.subtle.sign("HMAC", await imported, encoder.encode(question));
    return btoa(String.fromCharCode(...new Uint8Array(digest)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replace("=", "");
  };
}
