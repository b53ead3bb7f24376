import { median } from "./quantiles.ts";

/** A value at a time. */
export interface Point {
  readonly seconds: number;
  readonly value: number;
}

export interface Growth {
  /** Slope of the second half by least squares, in the values' unit per hour: the first half is a process that still fills its caches. */
  readonly perHour: number;
  /** Medians of the first and the last tenth of all points. */
  readonly first: number;
  readonly last: number;
  /** Medians of the second and the last third of the time. */
  readonly secondThird: number;
  readonly lastThird: number;
}

/** How a value that should come to rest has grown. Zeros without points. */
export function growthOf(points: readonly Point[]): Growth {
  const start = points[0]?.seconds ?? 0;
  const length = (points.at(-1)?.seconds ?? 0) - start;
  const part = (from: number, to: number) =>
    points.filter(({ seconds }) => seconds - start >= length * from && seconds - start <= length * to);
  const within = (from: number, to: number) => part(from, to).map(({ value }) => value);
  return {
    perHour: slopeOf(part(0.5, 1)) * 3_600,
    first: median(within(0, 0.1)),
    last: median(within(0.9, 1)),
    secondThird: median(within(1 / 3, 2 / 3)),
    lastThird: median(within(2 / 3, 1)),
  };
}

/** Per second, by least squares; 0 for less than two times. */
function slopeOf(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / Math.max(1, points.length);
  const [time, value] = [mean((point) => point.seconds), mean((point) => point.value)];
  const spread = mean((point) => (point.seconds - time) ** 2);
  return spread === 0 ? 0 : mean((point) => (point.seconds - time) * (point.value - value)) / spread;
}
