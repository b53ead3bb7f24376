import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RetryInfoSchema } from "../../proto/gen/google/rpc/error_details_pb.js";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "../../proto/gen/grpc/health/v1/health_pb.js";
import {
  GetCacheStatsResponseSchema,
  TranslationService,
  TranslationStatus,
} from "../../proto/gen/meeshy/v1/translation_pb.js";
import { readConfig } from "../config.ts";
import { InferenceMetrics } from "../telemetry/metrics.ts";
import { embeddedModel, openFolder, type TranslationNode } from "../translation-node.ts";
import { type InferenceServer, startServer } from "./server.ts";
import { type Certificate, loadCertificate } from "./tls.ts";

let folder: string;
let certificate: Certificate;
let node: TranslationNode;
let server: InferenceServer;

const metrics = new InferenceMetrics();
const start = () =>
  startServer({
    node,
    metrics,
    certificate,
    host: "127.0.0.1",
    port: 0,
    drainTimeoutMs: 5_000,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meeshy-inference-"));
  certificate = await loadCertificate(readConfig({ TLS_DIR: folder }));
  node = await openFolder(embeddedModel, {
    workers: 1,
    intraOpThreads: 1,
    batchSize: 8,
    batchTokens: 1_024,
    maxQueue: 100,
    cacheBytes: 1_000_000,
    cacheTtlMs: 60_000,
    observe: metrics,
  });
  metrics.watch(node);
  server = await start();
});
afterAll(async () => {
  await server?.drain();
  await node?.close();
  rmSync(folder, { recursive: true, force: true });
});

const options = (port: number, httpVersion: "1.1" | "2") => ({
  baseUrl: `https://localhost:${port}`,
  httpVersion,
  useBinaryFormat: true,
  nodeOptions: { ca: certificate.cert },
});
const client = (httpVersion: "1.1" | "2" = "2") =>
  createClient(TranslationService, createConnectTransport(options(server.port, httpVersion)));

/** Words that differ for every number: numbers themselves never reach the model. */
const words = (number: number) => number.toString(2).replaceAll("0", "day ").replaceAll("1", "night ");

const request = { text: "Good morning!", sourceLanguage: "en", targetLanguages: ["fr", "en"] };

describe("the translation service", () => {
  it.each(["1.1", "2"] as const)(
    "answers over Connect and HTTP/%s, a result for each target in order",
    async (version) => {
      const answer = await client(version).translateMessage(request);
      expect(answer.source).toMatchObject({ language: "en", declared: true, confidence: 1 });
      expect(answer.translations.map(({ language }) => language)).toEqual(["fr", "en"]);
      expect(answer.translations[1]).toMatchObject({ status: TranslationStatus.SAME_LANGUAGE, text: "Good morning!" });
      expect(answer.translations[0]?.provenance).toMatchObject({ engine: "onnxruntime", model: "meeshy-embedded" });
    },
  );

  it("answers over gRPC-web", async () => {
    const grpcWeb = createClient(TranslationService, createGrpcWebTransport(options(server.port, "2")));
    expect((await grpcWeb.translateMessage(request)).translations).toHaveLength(2);
  });

  it("answers the second time from its cache, and counts it", async () => {
    const text = "See you at the station tomorrow morning.";
    const ask = { ...request, text, targetLanguages: ["de"] };
    const before = await client().getCacheStats({});
    const first = await client().translateMessage(ask);
    const second = await client().translateMessage(ask);
    const after = await client().getCacheStats({});
    expect([first, second].map(({ translations }) => translations[0]?.provenance?.cache)).toEqual([0, 1]);
    expect(second.translations[0]?.text).toBe(first.translations[0]?.text);
    expect(Number(after.hits) - Number(before.hits)).toBe(1);
  });

  it("fails a bad item of a batch alone", async () => {
    const { results } = await client().batchTranslate({ items: [request, { ...request, text: " " }, request] });
    expect(results.map(({ result }) => result.case)).toEqual(["response", "error", "response"]);
    expect(results[1]?.result.value).toMatchObject({
      code: "invalid_argument",
      message: expect.stringContaining("text"),
    });
  });

  it.each([
    ["no text", { text: " \n" }],
    ["a text that is too long", { text: "x".repeat(10_001) }],
    ["an unknown language", { sourceLanguage: "tlh" }],
    ["an unknown target", { targetLanguages: ["fr", "xx"] }],
    ["no target", { targetLanguages: [] }],
    ["too many targets", { targetLanguages: Array<string>(17).fill("fr") }],
  ])("refuses %s", async (_, wrong) => {
    await expect(client().translateMessage({ ...request, ...wrong })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    });
  });

  it("refuses a model that it does not have", async () => {
    await expect(client().translateMessage({ ...request, model: "nllb" })).rejects.toMatchObject({
      code: Code.NotFound,
    });
  });

  it("says RESOURCE_EXHAUSTED and when to come back once too much is waiting", async () => {
    const items = Array.from({ length: 250 }, (_, index) => ({
      ...request,
      text: `A good ${words(index)}.`,
      targetLanguages: ["ja"],
    }));
    const { results } = await client().batchTranslate({ items });
    const refused = results.filter(({ result }) => result.case === "error");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.result.value).toMatchObject({ code: "resource_exhausted", retryAfterMs: expect.any(Number) });
    expect(results.some(({ result }) => result.case === "response")).toBe(true);
    const text = items
      .slice(0, 150)
      .map((item) => item.text)
      .join(" ");
    const error = await client()
      .translateMessage({ ...request, text, targetLanguages: ["ar"] })
      .catch((reason: unknown) => ConnectError.from(reason));
    if (!(error instanceof ConnectError)) throw new Error("It was not refused.");
    expect(error.code).toBe(Code.ResourceExhausted);
    const [retryInfo] = error.findDetails(RetryInfoSchema);
    const hintMs = retryInfo?.retryDelay === undefined ? 0 : durationMs(retryInfo.retryDelay);
    expect(hintMs).toBeGreaterThan(0);
    expect(error.metadata.get("retry-after-ms") ?? error.metadata.get("trailer-retry-after-ms")).toBe(String(hintMs));
  });

  it("streams a job that is larger than its queue, each result once with its index", async () => {
    const items = Array.from({ length: 120 }, (_, index) => ({
      ...request,
      text: index === 7 ? " " : `It is ${words(index)}. Take the bus.`,
      targetLanguages: ["de"],
    }));
    const seen = new Map<number, string | undefined>();
    for await (const { index, result } of client().streamTranslate({ items })) {
      expect(seen.has(index)).toBe(false);
      seen.set(index, result.case);
    }
    expect(seen.size).toBe(120);
    expect([...seen].filter(([, kind]) => kind !== "response")).toEqual([[7, "error"]]);
  });

  it("stops a streamed job when it is cancelled", async () => {
    const items = Array.from({ length: 2_000 }, (_, index) => ({
      ...request,
      text: `This ${words(index)} has been green.`,
      targetLanguages: ["es"],
    }));
    const reader = new AbortController();
    const reading = (async () => {
      for await (const _ of client().streamTranslate({ items }, { signal: reader.signal })) reader.abort();
    })();
    await expect(reading).rejects.toMatchObject({ code: Code.Canceled });
    await expect
      .poll(() => node.queueStats, { timeout: 15_000 })
      .toMatchObject({ waiting: { live: 0, batch: 0 }, running: 0 });
    expect(node.queueStats.canceled).toBeGreaterThan(0);
  });

  it("does not start what is past its deadline, and says so", async () => {
    const items = Array.from({ length: 60 }, (_, index) => ({ ...request, text: `Late ${words(index)}.` }));
    const late = client().batchTranslate({ items }, { timeoutMs: 1 });
    await expect(late).rejects.toMatchObject({ code: Code.DeadlineExceeded });
    await expect.poll(() => node.queueStats, { timeout: 15_000 }).toMatchObject({ waiting: { live: 0, batch: 0 } });
  });
});

describe("the server around it", () => {
  it("shows health and metrics over HTTP", async () => {
    await client().translateMessage(request);
    const dispatcher = new Agent({ connect: { ca: certificate.cert } });
    const get = (path: string) => fetch(`https://localhost:${server.port}${path}`, { dispatcher });
    expect(await (await get("/health")).json()).toMatchObject({
      status: "ok",
      models: [{ name: "meeshy-embedded", state: "loaded" }],
      queue: { live: 0, batch: 0 },
    });
    expect(await (await get("/translate/models")).json()).toMatchObject({
      models: [{ name: "meeshy-embedded", license: "MIT", route: "embedded", state: "loaded", decoding: "fused" }],
    });
    const exposed = await (await get("/metrics")).text();
    expect(exposed).toMatch(/meeshy_inference_calls_total\{method="TranslateMessage",status="ok"\} \d+/);
    expect(exposed).toMatch(/translations_total\{target="fr",status="\w+",cache="miss",model="meeshy-embedded"\} \d/);
    expect(exposed).toMatch(/translations_total\{target="en",status="same_language",cache="miss",model="none"\} \d/);
    expect(exposed).toMatch(/meeshy_inference_queue_depth\{model="meeshy-embedded",priority="batch"\} 0/);
    expect(exposed).toMatch(/# TYPE meeshy_inference_cache_hits_total counter\nmeeshy_inference_cache_hits_total \d+/);
    expect((await get("/nothing")).status).toBe(404);
    await dispatcher.close();
  });

  it("shows performance, queue and cache as JSON; the cache's numbers are those of GetCacheStats", async () => {
    const text = "A sentence that nobody has sent so far.";
    for (let n = 0; n < 2; n++) await client().translateMessage({ ...request, text });
    const dispatcher = new Agent({ connect: { ca: certificate.cert } });
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`https://localhost:${server.port}${path}`, { dispatcher })).json();
    const stats = await client().getCacheStats({});
    expect(await get("/translate/cache/stats")).toEqual(
      toJson(GetCacheStatsResponseSchema, stats, { alwaysEmitImplicit: true }),
    );
    const counted = { count: expect.any(Number), p50: expect.any(Number), p99: expect.any(Number) };
    expect(await get("/metrics/performance")).toMatchObject({
      requestMs: counted,
      stagesMs: { queue: counted, tokenise: counted, infer: counted, detokenise: counted },
      batchSize: counted,
      tokens: { perSecond: expect.any(Number) },
      cache: { hits: Number(stats.hits), misses: Number(stats.misses) },
      memory: { modelBytes: node.modelBytes },
      eventLoopLagMs: { p99: expect.any(Number) },
    });
    const queue = { waiting: { live: 0, batch: 0 }, lanes: 1, maxQueue: 100, running: 0 };
    const models = [{ name: "meeshy-embedded", ...queue }];
    expect(await get("/metrics/queue")).toMatchObject({ ...queue, models });
    await dispatcher.close();
  });

  it("answers what is under way when it is told to stop, and refuses what comes after", async () => {
    const stopping = await start();
    const transport = createConnectTransport(options(stopping.port, "2"));
    const [calls, health] = [createClient(TranslationService, transport), createClient(Health, transport)];
    expect((await health.check({})).status).toBe(Serving.SERVING);
    const text = "We will have answered this one before the door closes.";
    const watched: Serving[] = [];
    const watching = (async () => {
      for await (const { status } of health.watch({})) watched.push(status);
    })().catch((error: unknown) => ConnectError.from(error));
    await calls.translateMessage(request);
    const underWay = calls.translateMessage({ ...request, text, targetLanguages: ["ar"] });
    // The request has to be there before the server stops taking requests.
    await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
    const session = connect(`https://localhost:${stopping.port}`, { ca: certificate.cert });
    const closed = new Promise((resolve) => session.once("close", resolve));
    await new Promise((resolve) => session.once("connect", resolve));
    const drained = stopping.drain();
    expect((await underWay).translations).toHaveLength(1);
    await drained;
    await closed;
    await watching;
    expect(watched.at(-1)).toBe(Serving.NOT_SERVING);
    await expect(calls.translateMessage(request)).rejects.toMatchObject({ code: Code.Unavailable });
  });
});
