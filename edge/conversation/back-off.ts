/**
 * Milliseconds to wait before attempt `attempts + 1`: doubling from `firstMs` up to `mostMs`, of which a random half is
 * taken off so that rooms which failed together do not come back together.
 *
 * @param random 0 inclusive to 1 exclusive
 */
export function backOff(attempts: number, bounds: { firstMs: number; mostMs: number }, random: () => number): number {
  const full = Math.min(bounds.mostMs, bounds.firstMs * 2 ** Math.max(0, attempts - 1));
  return Math.round(full * (1 - random() / 2));
}
