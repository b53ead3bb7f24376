import { expect, it } from "vitest";
import { asCompleted } from "./as-completed.ts";

/** A job of numbers whose work ends when the test says so. */
function newJob(count: number, ahead: number) {
  const begun: PromiseWithResolvers<number>[] = [];
  const gate = { isOpen: true };
  const results = asCompleted({
    items: Array.from({ length: count }, (_, item) => item),
    ahead,
    mayBegin: () => gate.isOpen,
    work: (_, index) => {
      const end = Promise.withResolvers<number>();
      begun[index] = end;
      return end.promise;
    },
  });
  const end = (...indexes: number[]) => {
    for (const index of indexes) begun[index]?.resolve(index);
  };
  return { results, begun, gate, end };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

it("gives out what is done first", async () => {
  const { results, end } = newJob(3, 3);
  const first = results.next();
  end(2);
  expect((await first).value).toBe(2);
  end(0, 1);
  expect([(await results.next()).value, (await results.next()).value]).toEqual([0, 1]);
  expect(await results.next()).toEqual({ done: true, value: undefined });
});

it("begins no more than the reader has room for, counting what is done but not read", async () => {
  const { results, begun, end } = newJob(100, 3);
  const first = results.next();
  end(0, 1, 2);
  await first;
  await settle();
  expect(begun).toHaveLength(3);
  await results.next();
  await settle();
  expect(begun).toHaveLength(4);
});

it("begins nothing more once it is told to, and gives out what was under way", async () => {
  const { results, begun, gate, end } = newJob(10, 2);
  const first = results.next();
  gate.isOpen = false;
  end(0, 1);
  expect([(await first).value, (await results.next()).value]).toEqual([0, 1]);
  expect((await results.next()).done).toBe(true);
  expect(begun).toHaveLength(2);
});

it("ends with the first failure", async () => {
  const { results, begun } = newJob(5, 2);
  const first = results.next();
  begun[1]?.reject(new Error("broken"));
  await expect(first).rejects.toThrow("broken");
  expect((await results.next()).done).toBe(true);
});
