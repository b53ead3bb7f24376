import { expect, it } from "vitest";
import { busyScheduler } from "./testing.ts";
import { together } from "./together.ts";
import { bareTerms } from "./work.ts";

it("takes the other rows out of the queue when one of them is lost", async () => {
  const { submit, finish, scheduler } = await busyScheduler({ batchSize: 1 });
  const alone = submit([5, "somebody else's"]);
  const rows = together(bareTerms, (terms) => Promise.all(["a", "b", "c"].map((name) => submit([5, name], terms))));
  await finish();
  await finish();
  expect(await alone).toBe("5,somebody else's");
  const broken = new Error("The model could not run.");
  await Promise.all([expect(rows).rejects.toBe(broken), finish(broken)]);
  expect(scheduler.stats).toMatchObject({ waiting: { live: 0, batch: 0 }, canceled: 1 });
});

it("gives everything up when its caller does", async () => {
  const { submit, scheduler } = await busyScheduler();
  const caller = new AbortController();
  const rows = together({ ...bareTerms, signal: caller.signal }, (terms) =>
    Promise.all(["a", "b"].map((name) => submit([5, name], terms))),
  );
  caller.abort(new Error("Gone."));
  await expect(rows).rejects.toThrow("Gone.");
  expect(scheduler.depth).toBe(0);
});
