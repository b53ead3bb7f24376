import { arabic } from "./strings/arabic.ts";
import { english, type StringKey } from "./strings/english.ts";
import { french } from "./strings/french.ts";

const tables = { en: english, fr: french, ar: arabic } as const;

/** A language of the interface. */
export type Locale = keyof typeof tables;

export const locales: readonly Locale[] = ["en", "fr", "ar"];

export type { StringKey };
export type Translate = (key: StringKey, values?: Readonly<Record<string, string | number>>) => string;

/** The interface's words in a language. */
export function stringsOf(locale: Locale): Translate {
  const table: Readonly<Record<StringKey, string>> = tables[locale];
  return (key, values = {}) => table[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const isStringKey = (key: string): key is StringKey => Object.hasOwn(english, key);

/** The language of the interface that a browser asks for. */
export const localeOf = (request: Request): Locale =>
  acceptedLanguage(request.headers.get("accept-language"), locales) ?? "en";

/** The first language of an Accept-Language header that `supported` knows; the order of the header decides. */
export function acceptedLanguage<Code extends string>(
  header: string | null,
  supported: readonly Code[],
): Code | undefined {
  const wanted = (header ?? "").split(",").map((part) => part.trim().split(/[-;_]/, 1)[0]?.toLowerCase());
  return wanted.flatMap((code) => supported.filter((candidate) => candidate === code))[0];
}
