/**
 * Draws ranks from 0 to `ranks` - 1 of Zipf's law: rank k comes with a probability in proportion to 1 / (k + 1)^exponent.
 *
 * @param exponent 0: all alike; about 1 for the words of a language (Zipf 1949)
 * @param random numbers from 0 inclusive to 1 exclusive
 */
export function zipf(ranks: number, exponent: number, random: () => number): () => number {
  const bounds = new Float64Array(ranks);
  let total = 0;
  for (let rank = 0; rank < ranks; rank++) {
    total += (rank + 1) ** -exponent;
    bounds[rank] = total;
  }
  return () => {
    const sought = random() * total;
    let [low, high] = [0, ranks - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[middle] ?? 0) > sought) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
