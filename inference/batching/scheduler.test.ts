import { describe, expect, it } from "vitest";
import { DeadlineError, OverloadedError } from "./errors.ts";
import { busyScheduler, newScheduler, settle } from "./testing.ts";

describe("a batch", () => {
  it("starts at once with what is there, and the next one holds what came meanwhile", async () => {
    const { submit, finishAll, names } = newScheduler();
    const first = submit([5, "a"]);
    await settle();
    const others = ["b", "c", "d", "e", "f"].map((name) => submit([5, name]));
    await settle();
    expect(names()).toEqual([["a"]]);
    await finishAll();
    expect(names()).toEqual([["a"], ["b", "c", "d", "e"], ["f"]]);
    expect(await Promise.all([first, ...others])).toEqual(["5,a", "5,b", "5,c", "5,d", "5,e", "5,f"]);
  });

  it("is of one length bucket while that fills it, and the oldest row always goes along", async () => {
    const { submit, finishAll, names } = await busyScheduler({ batchSize: 3 });
    for (const tokens of [60, 7, 100, 8, 33, 3, 40]) submit([tokens]);
    await finishAll();
    expect(names()).toEqual([[60, 33, 40], [7, 8, 3], [100]]);
  });

  it("takes rows of the buckets beside its own along, but none that are much longer or shorter", async () => {
    const { submit, finishAll, names } = await busyScheduler();
    for (const tokens of [20, 12, 40, 200, 4]) submit([tokens]);
    await finishAll();
    expect(names()).toEqual([[20, 12, 40], [200], [4]]);
  });

  it("holds as many tokens as it may, padding included; a row that is longer runs alone", async () => {
    const { submit, finishAll, names } = await busyScheduler({ batchSize: 10, batchTokens: 100 });
    for (const tokens of [30, 29, 28, 27, 120, 119]) submit([tokens]);
    await finishAll();
    expect(names()).toEqual([[30, 29, 28], [27], [120], [119]]);
  });

  it("runs on every lane", async () => {
    const { submit, names } = newScheduler({ lanes: 2, batchSize: 1 });
    for (const name of ["a", "b", "c"]) submit([5, name]);
    await settle();
    expect(names()).toEqual([["a"], ["b"]]);
  });

  it("that breaks fails its rows, and the next one runs", async () => {
    const { submit, finish } = newScheduler();
    const broken = submit([5, "a"]);
    await settle();
    await finish(new Error("the model broke"));
    await expect(broken).rejects.toThrow("the model broke");
    const next = submit([5, "a"]);
    await settle();
    await finish();
    expect(await next).toBe("5,a");
  });
});

describe("work that nobody waits for", () => {
  it("leaves the queue at once when its caller goes", async () => {
    const { scheduler, submit, finishAll, names } = await busyScheduler();
    const caller = new AbortController();
    const left = submit([5, "left"], { signal: caller.signal });
    submit([5, "kept"]);
    caller.abort(new Error("gone"));
    expect(scheduler.stats).toMatchObject({ waiting: { live: 1, batch: 0 }, canceled: 1 });
    await finishAll();
    await expect(left).rejects.toThrow("gone");
    expect(names()).toEqual([["kept"]]);
  });

  it("is not started once its deadline has passed", async () => {
    const { scheduler, clock, submit, finishAll, names } = await busyScheduler();
    const late = submit([5, "late"], { deadline: 50 });
    submit([5, "in time"], { deadline: 51 });
    clock.now = 50;
    await finishAll();
    await expect(late).rejects.toThrow(DeadlineError);
    expect(names()).toEqual([["in time"]]);
    expect(scheduler.stats).toMatchObject({ expired: 1, waiting: { live: 0, batch: 0 } });
  });

  it("does not keep a lane from batch jobs", async () => {
    const { clock, submit, finishAll, names } = await busyScheduler();
    submit([5, "late"], { deadline: 1 });
    submit([5, "job"], { priority: "batch" });
    clock.now = 1;
    await finishAll();
    expect(names()).toEqual([["job"]]);
  });
});

describe("the same row asked for twice", () => {
  it("runs once for both, whether it waits or runs", async () => {
    const { scheduler, submit, finishAll, names } = await busyScheduler();
    const results = [submit([5, "first"]), submit([5, "a"]), submit([5, "a"])];
    await finishAll();
    expect(await Promise.all(results)).toEqual(["5,first", "5,a", "5,a"]);
    expect(names()).toEqual([["a"]]);
    expect(scheduler.stats.shared).toBe(2);
  });

  it("goes on when one of the two gives up", async () => {
    const { submit, finishAll } = await busyScheduler();
    const first = new AbortController();
    const results = [submit([5, "a"], { signal: first.signal }), submit([5, "a"])];
    first.abort(new Error("gone"));
    await finishAll();
    await expect(results[0]).rejects.toThrow("gone");
    expect(await results[1]).toBe("5,a");
  });

  it("is hurried by a live caller when it waited as a batch job", async () => {
    const { submit, finishAll, names } = await busyScheduler({ batchSize: 1 });
    for (const name of ["job", "wanted"]) submit([5, name], { priority: "batch" });
    submit([5, "live"]);
    submit([5, "wanted"]);
    await finishAll();
    expect(names()).toEqual([["live"], ["wanted"], ["job"]]);
  });
});

describe("priorities", () => {
  it("let live rows go first, and do not make their batches longer", async () => {
    const { submit, finishAll, names } = await busyScheduler();
    submit([5, "job"], { priority: "batch" });
    submit([5, "live"]);
    await finishAll();
    expect(names()).toEqual([["live"], ["job"]]);
  });

  it("give batch jobs every eighth batch under any load, and live rows fill it up", async () => {
    const { submit, finish, names } = await busyScheduler({ batchSize: 2 });
    submit([5, "job"], { priority: "batch" });
    for (let row = 0; row < 40; row++) submit([5, `live ${row}`]);
    for (let batch = 0; batch < 9; batch++) await finish();
    expect(names().findIndex((batch) => batch.includes("job"))).toBe(7);
    expect(names()[7]).toEqual(["job", "live 14"]);
  });
});

describe("callers", () => {
  it("take turns: ten thousand rows of one do not hold up another's only row", async () => {
    const { submit, finish, names } = await busyScheduler({ maxQueue: 20_000 });
    for (let row = 0; row < 10_000; row++) submit([5, `many ${row}`], { caller: "many" });
    submit([5, "one"], { caller: "one" });
    await finish();
    expect(names()).toEqual([["many 0", "one", "many 1", "many 2"]]);
  });

  it("with little to do take the place of who filled the queue", async () => {
    const { scheduler, submit, finishAll, names } = await busyScheduler({ maxQueue: 3 });
    const many = [0, 1, 2].map((row) => submit([5, `many ${row}`], { caller: "many" }));
    const one = submit([5, "one"], { caller: "one" });
    await expect(many[2]).rejects.toThrow(OverloadedError);
    expect(scheduler.depth).toBe(3);
    await finishAll();
    expect(names()).toEqual([["many 0", "one", "many 1"]]);
    expect(await one).toBe("5,one");
  });

  it("are refused when they have the most waiting themselves, with a hint when to come back", async () => {
    const { scheduler, submit } = await busyScheduler({ maxQueue: 2 });
    submit([5, "a"], { caller: "many" });
    submit([5, "b"], { caller: "many" });
    const refused = submit([5, "c"], { caller: "many" });
    await expect(refused).rejects.toThrow(OverloadedError);
    await expect(refused).rejects.toMatchObject({ retryAfterMs: expect.any(Number) });
    expect(scheduler.stats).toMatchObject({ refused: 1, waiting: { live: 2, batch: 0 } });
  });

  it("who wait live take the place of batch jobs, never the other way round", async () => {
    const { submit } = await busyScheduler({ maxQueue: 1 });
    const job = submit([5, "job"], { priority: "batch" });
    submit([5, "live"]);
    await expect(job).rejects.toThrow(OverloadedError);
    await expect(submit([5, "job"], { priority: "batch" })).rejects.toThrow(OverloadedError);
  });
});

it("lets a job that may wait do so when the queue is full, and when others take its place", async () => {
  const { scheduler, submit, finishAll } = await busyScheduler({ maxQueue: 2, batchSize: 1 });
  const caller = new AbortController();
  const job = { priority: "batch", waitsForRoom: true } as const;
  const results = ["a", "b", "c", "d"].map((name) => submit([5, name], job));
  const left = submit([5, "left"], { ...job, signal: caller.signal });
  const live = submit([5, "live"]);
  expect(scheduler.depth).toBe(2);
  caller.abort(new Error("gone"));
  await finishAll();
  expect(await Promise.all([...results, live])).toEqual(["5,a", "5,b", "5,c", "5,d", "5,live"]);
  await expect(left).rejects.toThrow("gone");
});
