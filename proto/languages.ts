/** A language that people can write and read in Meeshy. Adding one is adding a row here (and a model that knows it). */
export interface Language {
  /** BCP 47 code used everywhere outside the models: "pt". */
  readonly code: string;
  /** The language's own name, for people who choose it. */
  readonly name: string;
  /** Its English name, for logs and documentation. */
  readonly englishName: string;
  readonly direction: "ltr" | "rtl";
  /** ISO 15924 scripts in which its words are written. */
  readonly scripts: readonly string[];
  /** FLORES-200 code, the language tag of NLLB models and of the embedded one. */
  readonly flores: string;
}

export const languages: readonly Language[] = [
  { code: "en", name: "English", englishName: "English", direction: "ltr", scripts: ["Latin"], flores: "eng_Latn" },
  { code: "fr", name: "Français", englishName: "French", direction: "ltr", scripts: ["Latin"], flores: "fra_Latn" },
  { code: "es", name: "Español", englishName: "Spanish", direction: "ltr", scripts: ["Latin"], flores: "spa_Latn" },
  { code: "de", name: "Deutsch", englishName: "German", direction: "ltr", scripts: ["Latin"], flores: "deu_Latn" },
  {
    code: "pt",
    name: "Português",
    englishName: "Portuguese",
    direction: "ltr",
    scripts: ["Latin"],
    flores: "por_Latn",
  },
  { code: "zh", name: "中文", englishName: "Chinese", direction: "ltr", scripts: ["Han"], flores: "zho_Hans" },
  {
    code: "ja",
    name: "日本語",
    englishName: "Japanese",
    direction: "ltr",
    scripts: ["Hiragana", "Katakana", "Han"],
    flores: "jpn_Jpan",
  },
  { code: "ar", name: "العربية", englishName: "Arabic", direction: "rtl", scripts: ["Arabic"], flores: "arb_Arab" },
];

const byCode = new Map(languages.map((language) => [language.code, language]));

/** The language of a BCP 47 tag, whatever its region or script subtags ("pt-BR" is Portuguese); undefined when not supported. */
export function findLanguage(tag: string): Language | undefined {
  const primary = tag.split(/[-_]/, 1)[0];
  return primary === undefined ? undefined : byCode.get(primary.toLowerCase());
}

/** Codes of all languages, in the table's order. */
export const languageCodes: readonly string[] = languages.map((language) => language.code);
