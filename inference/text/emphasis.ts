/** A phrase between markers of emphasis, as Markdown writes it. */
export interface Emphasised {
  readonly marker: string;
  readonly phrase: string;
  /** Where the first marker begins and the second ends. */
  readonly from: number;
  readonly to: number;
}

/** `**two**`, `*one*`, `__two__`, `_one_`, `~~struck~~`; not inside of words, as in snake_case, and not around white space. */
const pair = /(?<![\p{L}\p{N}*_~])(\*{1,3}|_{1,2}|~{1,2})(?![\s*_~])([^\n*_~]*[^\s*_~])\1(?![\p{L}\p{N}*_~])/gu;

/** The emphasised phrases of a text, in order. */
export const emphasised = (text: string): Emphasised[] =>
  Array.from(text.matchAll(pair), ({ 0: whole, 1: marker = "", 2: phrase = "", index }) => ({
    marker,
    phrase,
    from: index,
    to: index + whole.length,
  }));

/** The text without its markers: a model translates it better so. */
export const withoutMarkers = (text: string): string => text.replace(pair, "$2");

/**
 * Puts markers back around what became of the emphasised phrases. One that is not found in the translation stays without: its words
 * are there, and half a pair would be worse than none.
 *
 * @param phrases each as it may stand in the translation, the likeliest first
 * @param isSpaced whether the language of the translation puts spaces between words
 */
export function withMarkers(
  translation: string,
  phrases: readonly { readonly marker: string; readonly candidates: readonly string[] }[],
  isSpaced: boolean,
): string {
  return phrases.reduce((text, { marker, candidates }) => {
    for (const candidate of candidates.map(bare)) {
      if (candidate === "") continue;
      const escaped = candidate.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
      const edges = isSpaced ? ["(?<![\\p{L}\\p{N}*_~])", "(?![\\p{L}\\p{N}*_~])"] : ["(?<![*_~])", "(?![*_~])"];
      const found = new RegExp(edges.join(escaped), "iu").exec(text);
      if (found !== null) {
        const [start, end] = [found.index, found.index + found[0].length];
        return text.slice(0, start) + marker + text.slice(start, end) + marker + text.slice(end);
      }
    }
    return text;
  }, translation);
}

/** Without the full stop or the like that a model gives to a phrase. */
const bare = (phrase: string): string => phrase.trim().replace(/[\s.!?。！？؟،,]+$/u, "");
