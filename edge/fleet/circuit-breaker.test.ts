import { expect, it } from "vitest";
import { CircuitBreaker } from "./circuit-breaker.ts";

function newBreaker() {
  const clock = { now: 1_000 };
  return { clock, breaker: new CircuitBreaker({ failures: 2, openMs: 500 }, () => clock.now) };
}

it("opens after failures in a row, not after scattered ones", () => {
  const { breaker } = newBreaker();
  breaker.failed();
  breaker.succeeded();
  breaker.failed();
  expect(breaker.enter()).toBe(true);
  breaker.failed();
  expect(breaker.enter()).toBe(false);
});

it("lets one call try after a while; its success closes the breaker, its failure opens it again", () => {
  const { breaker, clock } = newBreaker();
  breaker.failed();
  breaker.failed();
  clock.now += 500;
  expect(breaker.enter()).toBe(true);
  expect(breaker.enter()).toBe(false);
  breaker.failed();
  expect(breaker.enter()).toBe(false);
  clock.now += 500;
  expect(breaker.enter()).toBe(true);
  breaker.succeeded();
  expect(breaker.enter()).toBe(true);
  expect(breaker.enter()).toBe(true);
});
