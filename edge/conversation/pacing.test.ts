import { expect, it } from "vitest";
import { Load, Pacer } from "./pacing.ts";

function newPacer() {
  const clock = { now: 1_000 };
  const deferred: { at: number; callback: () => void }[] = [];
  const load = new Load(() => clock.now);
  const runs: number[] = [];
  const pacer = new Pacer({
    load,
    now: () => clock.now,
    defer: (ms, callback) => deferred.push({ at: clock.now + ms, callback }),
    sockets: () => 10,
    run: () => runs.push(clock.now),
  });
  const pass = (ms: number) => {
    clock.now += ms;
    for (const due of deferred.filter(({ at }) => at <= clock.now)) {
      deferred.splice(deferred.indexOf(due), 1);
      due.callback();
    }
  };
  return { pacer, load, pass, runs, deferred, clock };
}

it("lets nothing wait while it is quiet", () => {
  const { pacer, pass, runs } = newPacer();
  for (let n = 0; n < 20; n++) {
    pacer.arrived();
    pass(10);
  }
  expect(runs).toHaveLength(20);
});

it("gathers what arrives under load, and runs once per window", () => {
  const { pacer, pass, runs, load } = newPacer();
  for (let ms = 0; ms < 1_000; ms++) {
    for (let n = 0; n < 5; n++) pacer.arrived();
    pass(1);
  }
  // One room, whose turn takes less than a millisecond.
  expect(load.windowMs).toBeLessThan(1);
  expect(runs.filter((at) => at > 1_500).length).toBeLessThanOrEqual(500);
});

it("gathers for longer the more rooms there are that share the thread", () => {
  const clock = { now: 1_000 };
  const load = new Load(() => clock.now);
  const rooms = Array.from({ length: 30 }, () => ({ countedIn: Number.NaN }));
  for (let ms = 0; ms < 300; ms++) {
    for (let n = 0; n < 3; n++) load.arrived(rooms[(ms * 3 + n) % rooms.length] ?? { countedIn: 0 }, 10);
    clock.now += 1;
  }
  expect(load.windowMs).toBeGreaterThan(15);
  expect(load.windowMs).toBeLessThanOrEqual(40);
});

it("lets nobody wait longer than the window", () => {
  const { pacer, pass, runs, deferred } = newPacer();
  for (let ms = 0; ms < 300; ms++) {
    for (let n = 0; n < 5; n++) pacer.arrived();
    expect(deferred.every(({ at }) => at - (runs.at(-1) ?? 0) <= 40)).toBe(true);
    pass(1);
  }
});

it("lets the first event after a pause through at once, however busy it was before", () => {
  const { pacer, pass, runs, clock } = newPacer();
  for (let n = 0; n < 2_000; n++) pacer.arrived();
  pass(5_000);
  pacer.arrived();
  expect(runs.at(-1)).toBe(clock.now);
});
