import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Priority, priorities } from "../batching/work.ts";
import type { NodeAnswer, TranslationNode } from "../translation-node.ts";
import { Rate } from "./rate.ts";
import { Instruments, type Labelled } from "./registry.ts";
import { type Summary, summarise } from "./summary.ts";

const seconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Where the time of a sentence goes: waiting for a thread, text to tokens, the model, tokens to text. */
export type Stage = "queue" | "tokenise" | "infer" | "detokenise";

/** Seconds over which the current speed is taken. */
const speedWindow = 60;

/** A node's performance as JSON, times in milliseconds. */
export interface Performance {
  /** Time from a message's arrival to its answer. */
  readonly requestMs: Summary;
  readonly stagesMs: Readonly<Record<Stage, Summary>>;
  /** Sentences. */
  readonly batchSize: Summary;
  /** Since the start, and over the last minute. */
  readonly tokens: { readonly total: number; readonly perSecond: number };
  /** Since the last look at /metrics. */
  readonly eventLoopLagMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** What a node counts and measures, for Prometheus and as JSON. */
export class InferenceMetrics {
  readonly #instruments = new Instruments();
  readonly #calls = this.#instruments.counter("calls_total", "Calls answered.", ["method", "status"]);
  readonly #translations = this.#instruments.counter("translations_total", "Translations, by cache hit or miss too.", [
    "target",
    "status",
    "cache",
    "model",
  ]);
  readonly #tokens = this.#instruments.counter("tokens_total", "Tokens that a model wrote.", ["model"]);
  readonly #latency = this.#instruments.histogram(
    "request_seconds",
    "Time from a message's arrival to its answer.",
    seconds,
  );
  readonly #stages = this.#instruments.histogram("stage_seconds", "Time of a sentence, of a batch in infer.", seconds, [
    "stage",
    "model",
  ]);
  readonly #batch = this.#instruments.histogram(
    "batch_size",
    "Sentences in a batch.",
    [1, 2, 4, 8, 16, 32, 64, 128, 256],
    ["model"],
  );
  /** By model. */
  readonly #speeds = new Map<string, Rate>();
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.#delay.enable();
    const report = this.#instruments.report.bind(this.#instruments);
    report("event_loop_lag_p99_seconds", "How late the event loop was since the last look, 99th percentile.", () => {
      const lag = this.#delay.percentile(99) / 1e9;
      this.#delay.reset();
      return lag;
    });
    report(
      "tokens_per_second",
      "Tokens that a model wrote per second of the last minute.",
      () => Array.from(this.#speeds, ([model, speed]) => [{ model }, speed.perSecond]),
      ["model"],
    );
  }

  /** Reports what a node says of itself, at the time it is asked for. */
  watch(node: TranslationNode): void {
    const report = this.#instruments.report.bind(this.#instruments);
    type Queue = TranslationNode["queues"][number];
    const byModel = (name: string, help: string, read: (queue: Queue) => number) =>
      report(name, help, () => node.queues.map((queue) => [{ model: queue.name }, read(queue)]), ["model"]);
    const byPriority = (name: string, help: string, read: (queue: Queue, priority: Priority) => number) =>
      report(
        name,
        help,
        () =>
          node.queues.flatMap((queue) =>
            priorities.map((priority): Labelled => [{ model: queue.name, priority }, read(queue, priority)]),
          ),
        ["model", "priority"],
      );
    byPriority("queue_depth", "Sentences that wait.", ({ waiting }, priority) => waiting[priority]);
    byPriority("queue_oldest_seconds", "Wait of the oldest.", ({ oldestMs }, priority) => oldestMs[priority] / 1_000);
    byModel("queue_callers", "Callers that have sentences waiting.", ({ callers }) => callers);
    byModel("queue_refused_total", "Sentences that found the queue full.", ({ refused }) => refused);
    byModel("queue_canceled_total", "Sentences that were given up while they waited.", ({ canceled }) => canceled);
    byModel("queue_expired_total", "Sentences whose deadline passed first.", ({ expired }) => expired);
    byModel("queue_shared_total", "Sentences that were asked for already.", ({ shared }) => shared);
    report("cache_entries", "Translations in the node's cache.", () => node.cacheStats.entries);
    report("cache_bytes", "Bytes that they take, about.", () => node.cacheStats.bytes);
    report("cache_hits_total", "Translations that the cache had.", () => node.cacheStats.hits);
    report("cache_misses_total", "Translations that it did not have.", () => node.cacheStats.misses);
    report(
      "model_bytes",
      "Bytes that a loaded model takes, about.",
      () => node.models.flatMap(({ name, state, bytes }) => (state === "loaded" ? [[{ model: name }, bytes]] : [])),
      ["model"],
    );
  }

  called(method: string, status: string): void {
    this.#calls.inc({ method, status });
  }

  answered({ translations }: NodeAnswer, latencyMs: number): void {
    this.#latency.observe(latencyMs / 1_000);
    for (const { language, status, isCached, model } of translations) {
      const cache = isCached ? "hit" : "miss";
      this.#translations.inc({ target: language, status, cache, model: model?.name ?? "none" });
    }
  }

  batch(model: string, waitedMs: readonly number[], ranMs: number): void {
    this.#batch.observe({ model }, waitedMs.length);
    for (const ms of waitedMs) this.stage(model, "queue", ms);
    this.stage(model, "infer", ranMs);
  }

  stage(model: string, stage: Stage, ms: number): void {
    this.#stages.observe({ stage, model }, ms / 1_000);
  }

  tokens(model: string, count: number): void {
    const speed = this.#speeds.get(model) ?? new Rate(speedWindow, () => performance.now());
    this.#speeds.set(model, speed);
    this.#tokens.inc({ model }, count);
    speed.add(count);
  }

  async performance(): Promise<Performance> {
    const inStage = (stage: Stage) => summarise(this.#stages, { labels: { stage }, factor: 1_000 });
    const [requestMs, batchSize, queue, tokenise, infer, detokenise] = await Promise.all([
      summarise(this.#latency, { factor: 1_000 }),
      summarise(this.#batch),
      inStage("queue"),
      inStage("tokenise"),
      inStage("infer"),
      inStage("detokenise"),
    ]);
    const { values } = await this.#tokens.get();
    const lag = (nanoseconds: number) => (Number.isFinite(nanoseconds) ? nanoseconds / 1e6 : 0);
    return {
      requestMs,
      stagesMs: { queue, tokenise, infer, detokenise },
      batchSize,
      tokens: {
        total: values.reduce((sum, { value }) => sum + value, 0),
        perSecond: [...this.#speeds.values()].reduce((sum, { perSecond }) => sum + perSecond, 0),
      },
      eventLoopLagMs: {
        p50: lag(this.#delay.percentile(50)),
        p99: lag(this.#delay.percentile(99)),
        max: lag(this.#delay.max),
      },
    };
  }

  /** Prometheus' text format. */
  text(): Promise<string> {
    return this.#instruments.text();
  }

  get contentType(): string {
    return this.#instruments.contentType;
  }
}
