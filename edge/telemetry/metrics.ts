/** Names and values of a sample's labels. */
export type Labels = Readonly<Record<string, string>>;

/** One measured value, as JSON. */
export interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "histogram";
  samples(): Sample[];
}

/** Only ever grows; one value per combination of labels. */
export class Counter implements Metric {
  readonly type = "counter";
  readonly name: string;
  readonly help: string;
  readonly #values = new Map<string, { labels: Labels; value: number }>();

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  add(labels: Labels = {}, amount = 1): void {
    const key = JSON.stringify(labels);
    const entry = this.#values.get(key) ?? { labels, value: 0 };
    entry.value += amount;
    this.#values.set(key, entry);
  }

  samples(): Sample[] {
    return [...this.#values.values()].map(({ labels, value }) => ({ name: this.name, labels, value }));
  }
}

/** Counts values by upper bound, so that quantiles of many isolates can be computed from their sum. */
export class Histogram implements Metric {
  readonly type = "histogram";
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** @param bounds upper bounds, inclusive, ascending, in the unit that the name states */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    const index = this.#bounds.findIndex((bound) => value <= bound);
    if (index >= 0) this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#sum += value;
    this.#count += 1;
  }

  samples(): Sample[] {
    let below = 0;
    const buckets = this.#bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0;
      return { name: `${this.name}_bucket`, labels: { le: String(bound) }, value: below };
    });
    return [
      ...buckets,
      { name: `${this.name}_bucket`, labels: { le: "+Inf" }, value: this.#count },
      { name: `${this.name}_sum`, labels: {}, value: this.#sum },
      { name: `${this.name}_count`, labels: {}, value: this.#count },
    ];
  }
}

/** Prometheus' text format, version 0.0.4. */
export function toPrometheus(metrics: readonly Metric[]): string {
  return metrics
    .flatMap((metric) => [
      `# HELP ${metric.name} ${metric.help}`,
      `# TYPE ${metric.name} ${metric.type}`,
      ...metric.samples().map(({ name, labels, value }) => `${name}${formatLabels(labels)} ${value}`),
      "",
    ])
    .join("\n");
}

/** Every sample of every metric. */
export const toSamples = (metrics: readonly Metric[]): Sample[] => metrics.flatMap((metric) => metric.samples());

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

const escapeValue = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
