/**
 * The form in which text reaches the model: canonically composed, one ordinary space for any run of white space, ASCII
 * quotes and apostrophes, ASCII letters and digits instead of full-width ones. Punctuation of Chinese, Japanese and Arabic
 * stays. The twin of inference/training/normalize.py; both are tested against normalize_cases.json.
 */
export function normalize(text: string): string {
  return text
    .normalize("NFC")
    .replace(typographic, (character) => ascii.get(character) ?? character)
    .replace(fullWidth, (character) => String.fromCodePoint((character.codePointAt(0) ?? 0) - 0xfee0))
    .replace(invisible, "")
    .replace(/\s+/gu, " ")
    .trim();
}

const ascii = new Map([
  ["\u2018", "'"],
  ["\u2019", "'"],
  ["\u02bc", "'"],
  ["\u201c", '"'],
  ["\u201d", '"'],
  ["\u201e", '"'],
]);
const typographic = /[\u2018\u2019\u02bc\u201c\u201d\u201e]/g;
/** Digits and Latin letters of the full-width block. */
const fullWidth = /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]/g;
/** Soft hyphen, zero-width space, byte order mark. */
const invisible = /[\u00ad\u200b\ufeff]/g;
