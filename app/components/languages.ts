import { findLanguage } from "../../proto/languages.ts";
import type { Locale } from "../strings.ts";

/** A language's name in the interface's language; empty when the code is unknown. */
export function languageName(code: string, locale: Locale): string {
  if (findLanguage(code) === undefined) return "";
  return new Intl.DisplayNames([locale], { type: "language" }).of(code) ?? "";
}

/** Attributes of text in a language; `translate="no"` keeps a browser's own translator away from it. */
export function textAttributes(code: string) {
  const language = findLanguage(code);
  if (language === undefined) return { dir: "auto", translate: "no" } as const;
  return { lang: language.code, dir: language.direction, translate: "no" } as const;
}
