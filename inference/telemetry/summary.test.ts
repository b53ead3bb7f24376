import { Histogram, Registry } from "prom-client";
import { expect, it } from "vitest";
import { quantileOf, summarise } from "./summary.ts";

it("finds quantiles as Prometheus does, and no more than the last bound", () => {
  const buckets = [
    { bound: 1, count: 10 },
    { bound: 3, count: 30 },
    { bound: Number.POSITIVE_INFINITY, count: 40 },
  ];
  expect([0.125, 0.5, 0.75, 0.9].map((quantile) => quantileOf(buckets, quantile))).toEqual([0.5, 2, 3, 3]);
  expect(quantileOf([], 0.5)).toBe(0);
});

it("sums up the values of one label over the others, in another unit", async () => {
  const registers = [new Registry()];
  const histogram = new Histogram({ name: "s", help: "s", labelNames: ["stage", "model"], buckets: [1, 2], registers });
  histogram.observe({ stage: "infer", model: "a" }, 1);
  histogram.observe({ stage: "infer", model: "b" }, 2);
  histogram.observe({ stage: "queue", model: "b" }, 100);
  const summary = await summarise(histogram, { labels: { stage: "infer" }, factor: 1_000 });
  expect(summary).toMatchObject({ count: 2, mean: 1_500, p50: 1_000 });
  expect(await summarise(histogram)).toMatchObject({ count: 3, mean: 103 / 3, p50: 1.5 });
});
