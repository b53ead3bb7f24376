import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "../../proto/gen/grpc/health/v1/health_pb.js";
import { TranslationService, TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { readConfig } from "../config.ts";
import { InferenceMetrics } from "../telemetry/metrics.ts";
import { embeddedModel, openFolder, type TranslationNode } from "../translation-node.ts";
import { type InferenceServer, startServer } from "./server.ts";
import { type Certificate, loadCertificate } from "./tls.ts";

let folder: string;
let certificate: Certificate;
let node: TranslationNode;
let server: InferenceServer;

const start = () =>
  startServer({
    node,
    metrics: new InferenceMetrics(),
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
    maxQueue: 100,
    cacheBytes: 1_000_000,
    cacheTtlMs: 60_000,
  });
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
      text: `Number ${index} is a good one.`,
      targetLanguages: ["ja"],
    }));
    const { results } = await client().batchTranslate({ items });
    const refused = results.filter(({ result }) => result.case === "error");
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.result.value).toMatchObject({ code: "resource_exhausted" });
    expect(results.some(({ result }) => result.case === "response")).toBe(true);
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
    });
    expect(await (await get("/translate/models")).json()).toMatchObject({
      models: [{ name: "meeshy-embedded", license: "MIT", route: "embedded", state: "loaded", decoding: "fused" }],
    });
    const metrics = await (await get("/metrics")).text();
    expect(metrics).toMatch(/meeshy_inference_calls_total\{method="TranslateMessage",status="ok"\} \d+/);
    expect((await get("/nothing")).status).toBe(404);
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
