/** Character n-grams are counted up to this length. */
const order = 6;
/** Recall weighs as much as precision times this squared: chrF2. */
const beta = 2;

/** Matches, and n-grams of translation and reference, per order. */
type Statistics = { readonly matches: number; readonly translation: number; readonly reference: number }[];

/**
 * chrF2 of a set of translations, 0 to 100: the F-score of character n-grams, white space left out (Popović 2015), summed over
 * the set before it is averaged over the orders. The same numbers as sacreBLEU's `chrF2`.
 */
export function corpusChrf(translations: readonly string[], references: readonly string[]): number {
  const sums = Array.from({ length: order }, () => ({ matches: 0, translation: 0, reference: 0 }));
  translations.forEach((translation, index) => {
    statistics(translation, references[index] ?? "").forEach((counts, at) => {
      const sum = sums[at];
      if (sum === undefined) return;
      sum.matches += counts.matches;
      sum.translation += counts.translation;
      sum.reference += counts.reference;
    });
  });
  return score(sums);
}

/** chrF2 of one translation. */
export const sentenceChrf = (translation: string, reference: string): number =>
  score(statistics(translation, reference));

function statistics(translation: string, reference: string): Statistics {
  const [hypothesis, truth] = [translation, reference].map((text) => Array.from(text.replace(/\s+/gu, "")));
  return Array.from({ length: order }, (_, index) => {
    const left = ngrams(hypothesis ?? [], index + 1);
    const right = ngrams(truth ?? [], index + 1);
    let matches = 0;
    for (const [ngram, count] of left) matches += Math.min(count, right.get(ngram) ?? 0);
    return { matches, translation: total(left), reference: total(right) };
  });
}

function ngrams(characters: readonly string[], length: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let at = 0; at + length <= characters.length; at++) {
    const ngram = characters.slice(at, at + length).join("");
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

const total = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

/** Orders in which either side has no n-gram do not count (sacreBLEU's effective order). */
function score(statistics: Statistics): number {
  let precision = 0;
  let recall = 0;
  let orders = 0;
  for (const { matches, translation, reference } of statistics) {
    if (translation === 0 || reference === 0) continue;
    precision += matches / translation;
    recall += matches / reference;
    orders += 1;
  }
  if (orders === 0 || precision + recall === 0) return 0;
  precision /= orders;
  recall /= orders;
  return (100 * (1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall);
}
