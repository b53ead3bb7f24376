import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { NodeAnswer } from "../translation-node.ts";

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What a node counts and measures, for Prometheus. */
export class InferenceMetrics {
  readonly #registry = new Registry();
  readonly #calls = this.#counter("calls_total", "Calls answered, by method and status.", ["method", "status"]);
  readonly #translations = this.#counter("translations_total", "Translations, by target, status and cache.", [
    "target",
    "status",
    "cache",
  ]);
  readonly #tokens = this.#counter("tokens_total", "Tokens that the model wrote.", []);
  readonly #latency = this.#histogram("request_seconds", "Time from a request's arrival to its answer.", seconds);
  readonly #waited = this.#histogram(
    "queue_seconds",
    "Time the oldest sentence of a batch waited for a thread.",
    seconds,
  );
  readonly #ran = this.#histogram("batch_seconds", "Time a batch took in the model.", seconds);
  readonly #batch = this.#histogram("batch_size", "Sentences in a batch.", [1, 2, 4, 8, 16, 32, 64, 128, 256]);

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    const lag = new Gauge({
      name: "meeshy_inference_event_loop_lag_p99_seconds",
      help: "How late the event loop was since the last look, 99th percentile.",
      registers: [this.#registry],
      collect() {
        lag.set(delay.percentile(99) / 1e9);
        delay.reset();
      },
    });
  }

  /** Reports a number that belongs to somebody else at the time it is asked for. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name: `meeshy_inference_${name}`,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    });
  }

  called(method: string, status: string): void {
    this.#calls.inc({ method, status });
  }

  answered({ translations }: NodeAnswer, latencyMs: number): void {
    this.#latency.observe(latencyMs / 1_000);
    for (const { language, status, isCached } of translations) {
      this.#translations.inc({ target: language, status, cache: isCached ? "hit" : "miss" });
    }
  }

  batch(size: number, waitedMs: number, ranMs: number): void {
    this.#batch.observe(size);
    this.#waited.observe(waitedMs / 1_000);
    this.#ran.observe(ranMs / 1_000);
  }

  tokens(count: number): void {
    this.#tokens.inc(count);
  }

  /** Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({
      name: `meeshy_inference_${name}`,
      help,
      labelNames: [...labelNames],
      registers: [this.#registry],
    });
  }

  #histogram(name: string, help: string, buckets: number[]): Histogram {
    return new Histogram({ name: `meeshy_inference_${name}`, help, buckets, registers: [this.#registry] });
  }
}
