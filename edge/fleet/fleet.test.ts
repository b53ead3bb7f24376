import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createConnectRouter } from "@connectrpc/connect";
import { createFetchHandler } from "@connectrpc/connect/protocol";
import { expect, it } from "vitest";
import { RetryInfoSchema } from "../../proto/gen/google/rpc/error_details_pb.js";
import { TranslationService, TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { FleetNode } from "./directory.ts";
import { Fleet, FleetUnavailableError } from "./fleet.ts";

const request = { text: "Hello", sourceLanguage: "en", targetLanguages: ["fr"], languageHints: [] };

/** Inference servers behind Connect's own wire protocol, each with a behaviour that the test may change. */
function newFleet(...nodes: (() => Promise<void> | void)[]) {
  const clock = { now: 0 };
  const calls: number[] = [];
  const seen: RequestInit[] = [];
  const present = nodes.map(() => true);
  const loads: Pick<FleetNode, "load">[] = [];
  const handlers = nodes.map((_, index) =>
    createConnectRouter().service(TranslationService, {
      async translateMessage({ text, targetLanguages }) {
        calls.push(index);
        await nodes[index]?.();
        const status = TranslationStatus.TRANSLATED;
        return {
          translations: targetLanguages.map((language) => ({ language, status, text: `${text} from ${index}` })),
        };
      },
    }),
  );
  const fleet = new Fleet({
    nodes: async () =>
      present.flatMap((isPresent, index) => (isPresent ? [{ url: urlOf(index), ...loads[index] }] : [])),
    caller: "a room",
    now: () => clock.now,
    timeoutMs: 100,
    fetch: async (url, init) => {
      seen.push(init);
      const { hostname, pathname } = new URL(url);
      const router = handlers[Number(hostname.match(/\d+/)?.[0])];
      const handler = router?.handlers.find(({ requestPath }) => requestPath === pathname);
      if (handler === undefined) throw new TypeError("no such server");
      return Promise.race([createFetchHandler(handler)(new Request(url, init)), aborted(init.signal)]);
    },
  });
  return { fleet, clock, calls, seen, present, loads };
}

const urlOf = (index: number) => `https://node-${index}.test`;

/** Rejects when a request is given up, as `fetch` does. */
const aborted = (signal: AbortSignal | null | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true }));

const fail = (code: Code) => () => {
  throw new ConnectError("no", code);
};
const works = () => {};

it("speaks binary Protobuf over Connect without asking for what workerd does not have", async () => {
  const { fleet, seen } = newFleet(works);
  const response = await fleet.translate(request);
  expect(response.translations[0]).toMatchObject({ language: "fr", text: "Hello from 0" });
  expect(new Headers(seen[0]?.headers).get("content-type")).toBe("application/proto");
  expect(seen[0]).not.toHaveProperty("redirect");
  expect(new Headers(seen[0]?.headers).get("meeshy-caller")).toBe("a room");
});

it("takes nodes in turn, and the least busy one when they are not equal", async () => {
  const gate = Promise.withResolvers<void>();
  const { fleet, calls } = newFleet(() => gate.promise, works, works);
  const slow = fleet.translate(request);
  for (let n = 0; n < 6; n++) await fleet.translate(request);
  expect(calls.filter((index) => index === 0)).toHaveLength(1);
  expect(new Set(calls.slice(1))).toEqual(new Set([1, 2]));
  gate.resolve();
  await slow;
});

it.each([Code.Unavailable, Code.ResourceExhausted])("asks another node once when one answers %s", async (code) => {
  const { fleet, calls } = newFleet(fail(code), works);
  expect((await fleet.translate(request)).translations[0]?.text).toBe("Hello from 1");
  expect(calls).toEqual([0, 1]);
});

it("asks another node when one takes too long", async () => {
  const { fleet } = newFleet(() => new Promise(() => {}), works);
  expect((await fleet.translate(request)).translations[0]?.text).toBe("Hello from 1");
});

it("does not repeat a request that is at fault itself", async () => {
  const { fleet, calls } = newFleet(fail(Code.InvalidArgument), works);
  await expect(fleet.translate(request)).rejects.toMatchObject({ code: Code.InvalidArgument });
  expect(calls).toEqual([0]);
});

it("says that it is unavailable when no node answers, and asks no more than two", async () => {
  const { fleet, calls } = newFleet(fail(Code.Unavailable), fail(Code.Unavailable), works);
  await expect(fleet.translate(request)).rejects.toThrow(FleetUnavailableError);
  expect(calls).toEqual([0, 1]);
});

it("leaves a node alone that keeps failing, and tries it again after a while", async () => {
  let isDown = true;
  const { fleet, calls, clock } = newFleet(() => {
    if (isDown) throw new ConnectError("no", Code.Unavailable);
  });
  for (let n = 0; n < 3; n++) await expect(fleet.translate(request)).rejects.toThrow(FleetUnavailableError);
  await expect(fleet.translate(request)).rejects.toThrow("resting");
  expect(calls).toHaveLength(3);
  isDown = false;
  clock.now += 2_000;
  await fleet.translate(request);
  await fleet.translate(request);
  expect(calls).toHaveLength(5);
});

it("leaves a full node alone for as long as it asks, and counts it as alive", async () => {
  const full = () => {
    const retryInfo = { desc: RetryInfoSchema, value: { retryDelay: durationFromMs(700) } };
    throw new ConnectError("full", Code.ResourceExhausted, undefined, [retryInfo]);
  };
  const { fleet, calls, clock } = newFleet(full);
  await expect(fleet.translate(request)).rejects.toThrow(FleetUnavailableError);
  clock.now += 699;
  await expect(fleet.translate(request)).rejects.toThrow("full or resting");
  expect(calls).toHaveLength(1);
  clock.now += 1;
  for (let n = 0; n < 5; n++) {
    await expect(fleet.translate(request)).rejects.toThrow(FleetUnavailableError);
    clock.now += 700;
  }
  expect(calls).toHaveLength(6);
});

it("prefers the node with the shorter queue by its own account, taking its lanes into the bargain", async () => {
  const { fleet, calls, loads } = newFleet(works, works, works);
  const load = (queued: number, lanes: number) => ({ load: { queued, lanes, msPerRow: 10 } });
  loads.push(load(100, 1), load(100, 8), load(50, 1));
  await fleet.translate(request);
  loads.splice(0, 3, load(3, 1), load(100, 8), load(2, 1));
  for (let n = 0; n < 3; n++) await fleet.translate(request);
  expect(calls[0]).toBe(1);
  // Waits of 30 and 20 ms are as good as equal.
  expect(new Set(calls.slice(1))).toEqual(new Set([0, 2]));
});

it("asks nodes that come, and none that have gone", async () => {
  const { fleet, calls, present } = newFleet(works, works);
  present[0] = false;
  for (let n = 0; n < 2; n++) await fleet.translate(request);
  present.splice(0, 2, true, false);
  for (let n = 0; n < 2; n++) await fleet.translate(request);
  present[0] = false;
  await expect(fleet.translate(request)).rejects.toThrow("no inference server");
  expect(calls).toEqual([1, 1, 0, 0]);
});
