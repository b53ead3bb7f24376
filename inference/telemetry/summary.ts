import type { Histogram } from "prom-client";

/** What a histogram says, for people. In the unit that the histogram counts, times a factor. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

interface Bucket {
  readonly bound: number;
  /** Values up to the bound. */
  readonly count: number;
}

/** Sums a histogram up over all its labels, or those of its values that carry some. */
export async function summarise(
  histogram: Histogram,
  { labels = {}, factor = 1 }: { labels?: Readonly<Record<string, string>>; factor?: number } = {},
): Promise<Summary> {
  const { values } = await histogram.get();
  const ours = values.filter((value) => Object.entries(labels).every(([name, label]) => value.labels[name] === label));
  const total = (ending: string) =>
    ours.filter(({ metricName }) => metricName?.endsWith(ending)).reduce((sum, { value }) => sum + value, 0);
  const counts = new Map<number, number>();
  for (const { labels, value } of ours) {
    if (labels.le === undefined) continue;
    const bound = labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le);
    counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  const buckets = Array.from(counts, ([bound, count]) => ({ bound, count }));
  const count = total("_count");
  const at = (quantile: number) => quantileOf(buckets, quantile) * factor;
  return { count, mean: (total("_sum") / Math.max(1, count)) * factor, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/**
 * The value below which a share of all values lies, taken as spread evenly within its bucket, as Prometheus'
 * `histogram_quantile` does; beyond the last bound it is that bound; 0 without values.
 */
export function quantileOf(buckets: readonly Bucket[], quantile: number): number {
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return 0;
  const rank = quantile * total;
  const index = buckets.findIndex(({ count }) => count >= rank);
  const { bound: low, count: before } = buckets[index - 1] ?? { bound: 0, count: 0 };
  const { bound: high, count } = buckets[index] ?? { bound: low, count: before };
  if (!Number.isFinite(high)) return low;
  return low + ((high - low) * (rank - before)) / Math.max(1, count - before);
}
