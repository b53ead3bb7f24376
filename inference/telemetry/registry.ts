import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** A value with the labels that tell it from others of its name. */
export type Labelled = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Makes instruments under this server's prefix and writes them in Prometheus' text format. */
export class Instruments {
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  counter<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return new Counter({ ...this.#describe(name, help), labelNames: [...labelNames] });
  }

  histogram<Label extends string>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ ...this.#describe(name, help), buckets, labelNames: [...labelNames] });
  }

  /** Reports what belongs to somebody else, at the time it is asked for; a name that ends in `_total` is a counter's. */
  report(
    name: string,
    help: string,
    read: () => number | readonly Labelled[],
    labelNames: readonly string[] = [],
  ): void {
    const description = { ...this.#describe(name, help), labelNames: [...labelNames] };
    const set = () => {
      const values = read();
      instrument.reset();
      for (const [labels, value] of typeof values === "number" ? [[{}, values] as const] : values) {
        instrument.inc(labels, value);
      }
    };
    const instrument: Counter | Gauge = name.endsWith("_total")
      ? new Counter({ ...description, collect: set })
      : new Gauge({ ...description, collect: set });
  }

  /** Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #describe(name: string, help: string) {
    return { name: `meeshy_inference_${name}`, help, registers: [this.#registry] };
  }
}
