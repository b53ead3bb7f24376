/** A size that is known but for a batch's rows, the tokens past and those of the source: a sum of multiples of them. */
export interface Size {
  readonly rows: number;
  readonly past: number;
  readonly source: number;
  readonly fixed: number;
}

const nothing: Size = { rows: 0, past: 0, source: 0, fixed: 0 };
export const fixed = (number: number): Size => ({ ...nothing, fixed: number });
export const rowsSize: Size = { ...nothing, rows: 1 };
export const pastSize: Size = { ...nothing, past: 1 };
export const sourceSize: Size = { ...nothing, source: 1 };

export const isFixed = ({ rows, past, source }: Size): boolean => rows === 0 && past === 0 && source === 0;
export const isSame = (one: Size, other: Size): boolean =>
  one.rows === other.rows && one.past === other.past && one.source === other.source && one.fixed === other.fixed;

export const sum = (one: Size, other: Size): Size => ({
  rows: one.rows + other.rows,
  past: one.past + other.past,
  source: one.source + other.source,
  fixed: one.fixed + other.fixed,
});

export const times = (size: Size, factor: number): Size => ({
  rows: size.rows * factor,
  past: size.past * factor,
  source: size.source * factor,
  fixed: size.fixed * factor,
});

/** Undefined where it would be no longer linear. */
export function product(one: Size, other: Size): Size | undefined {
  if (isFixed(one)) return times(other, one.fixed);
  return isFixed(other) ? times(one, other.fixed) : undefined;
}

/** The dimension of two that are broadcast together; undefined where it is not known which stands. */
export function broadcast(one: Size, other: Size): Size | undefined {
  if (isSame(one, other)) return one;
  if (isSame(one, fixed(1))) return other;
  return isSame(other, fixed(1)) ? one : undefined;
}

/**
 * The dimensions that a reshape gives, -1 and 0 of its target resolved.
 *
 * @returns undefined where they cannot be told
 */
export function reshaped(shape: readonly Size[] | undefined, target: readonly Size[]): Size[] | undefined {
  if (!target.some((size) => isFixed(size) && size.fixed <= 0)) return [...target];
  if (shape === undefined) return undefined;
  const asked = target.map((size, at) => (isSame(size, fixed(0)) ? shape[at] : size));
  const open = asked.findIndex((size) => size !== undefined && isSame(size, fixed(-1)));
  // What stands on both sides cancels out; what is left of the input is spread over the open dimension.
  const left = [...shape];
  let divisor = 1;
  for (const [at, size] of asked.entries()) {
    if (size === undefined) return undefined;
    if (at === open) continue;
    if (isFixed(size)) divisor *= size.fixed;
    else {
      const twin = left.findIndex((other) => isSame(size, other));
      if (twin === -1) return undefined;
      left.splice(twin, 1);
    }
  }
  const rest = left.reduce<Size | undefined>((whole, size) => whole && product(whole, size), fixed(1));
  if (rest === undefined || divisor === 0) return undefined;
  const missing = times(rest, 1 / divisor);
  if (!Object.values(missing).every(Number.isInteger)) return undefined;
  return asked.flatMap((size, at) => (at === open ? missing : (size ?? [])));
}
