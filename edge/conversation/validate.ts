/// <reference lib="es2024.string" />
import { findLanguage } from "../../proto/languages.ts";
import type { SendInput } from "./contract.ts";
import { type Refusal, refuse } from "./error-codes.ts";
import { limits } from "./limits.ts";

/** Checked and in canonical form: the language is a supported code or empty, the text is well-formed Unicode. */
export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const control = /[\u0000-\u001f\u007f]/;

export function checkClientMessageId(id: string): Refusal | undefined {
  const isValid = id.length >= 1 && id.length <= limits.clientMessageIdLength && !control.test(id) && id.isWellFormed();
  return isValid ? undefined : refuse("client_message_id_invalid");
}

/** One emoji, with its skin tone, joiners and all. */
const oneEmoji = /^\p{RGI_Emoji}$/v;

export const checkEmoji = (emoji: string): Refusal | undefined =>
  oneEmoji.test(emoji) ? undefined : refuse("reaction_invalid");

/** Checks text and language as of a send or an edit. */
export function checkText(text: string, language: string): Checked<{ text: string; language: string }> {
  if (text.length > limits.textLength) return { ok: false, refusal: refuse("message_too_long") };
  if (text.trim() === "") return { ok: false, refusal: refuse("message_empty") };
  // Postgres stores no NUL: one such message would hold up everything behind it in the outbox.
  if (text.includes("\0")) return { ok: false, refusal: refuse("message_invalid") };
  const code = language === "" ? "" : findLanguage(language)?.code;
  if (code === undefined) return { ok: false, refusal: refuse("language_unknown") };
  return { ok: true, value: { text: text.toWellFormed(), language: code } };
}

export function checkSend(input: SendInput): Checked<Required<{ [K in keyof SendInput]: string }>> {
  const refusal = checkClientMessageId(input.clientMessageId);
  if (refusal !== undefined) return { ok: false, refusal };
  const checked = checkText(input.text, input.language ?? "");
  if (!checked.ok) return checked;
  const { clientMessageId, replyTo = "" } = input;
  return { ok: true, value: { clientMessageId, replyTo, ...checked.value } };
}

/** The bounds of a page; 0 stands for the newest page and for the default size. */
export function checkPage(page: { before: number; limit: number }): Checked<{ before: number; limit: number }> {
  const isValid =
    Number.isInteger(page.before) &&
    page.before >= 0 &&
    Number.isInteger(page.limit) &&
    page.limit >= 0 &&
    page.limit <= limits.pageSize;
  if (!isValid) return { ok: false, refusal: refuse("page_invalid") };
  return { ok: true, value: { before: page.before, limit: page.limit || limits.defaultPageSize } };
}
