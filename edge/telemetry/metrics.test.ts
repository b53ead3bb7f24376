import { expect, it } from "vitest";
import { Counter, Histogram, toPrometheus, toSamples } from "./metrics.ts";

it("counts by labels and escapes their values", () => {
  const counter = new Counter("things_total", "Things.");
  counter.add({ kind: 'a"b' });
  counter.add({ kind: 'a"b' }, 2);
  counter.add({ kind: "c" });
  expect(toPrometheus([counter])).toBe(
    '# HELP things_total Things.\n# TYPE things_total counter\nthings_total{kind="a\\"b"} 3\nthings_total{kind="c"} 1\n',
  );
});

it("puts a value into every bucket whose bound it does not exceed", () => {
  const histogram = new Histogram("wait_seconds", "Wait.", [0.1, 1]);
  for (const value of [0.1, 0.5, 7]) histogram.observe(value);
  const values = Object.fromEntries(
    toSamples([histogram]).map(({ name, labels, value }) => [name + (labels.le ?? ""), value]),
  );
  expect(values).toMatchObject({ "wait_seconds_bucket0.1": 1, wait_seconds_bucket1: 2, "wait_seconds_bucket+Inf": 3 });
  expect(values).toMatchObject({ wait_seconds_sum: 7.6, wait_seconds_count: 3 });
});
