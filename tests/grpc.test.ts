import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type InferenceProcess, startInference } from "../scripts/local/inference.ts";
import { choosePort } from "../scripts/local/ports.ts";

/** A client as somebody makes it who knows gRPC and our .proto files, and nothing else of ours. */
function stockClient(server: InferenceProcess, protoFile: string, name: string) {
  const definition = loadSync(protoFile, { includeDirs: ["proto"], keepCase: true, enums: String, oneofs: true });
  const found = name
    .split(".")
    .reduce<unknown>(
      (scope, part) => z.record(z.string(), z.unknown()).parse(scope)[part],
      loadPackageDefinition(definition),
    );
  if (!isConstructor(found)) throw new Error(`${protoFile} declares no ${name}.`);
  const secure = credentials.createSsl(readFileSync(server.certificatePath));
  const client = new found(new URL(server.url).host, secure);
  const call = (method: string, request: object): Promise<unknown> => {
    const handler: unknown = Reflect.get(client, method);
    if (typeof handler !== "function") throw new Error(`There is no method ${method}.`);
    return promisify(handler.bind(client))(request);
  };
  return { client, call };
}

const isConstructor = (value: unknown): value is ServiceClientConstructor => typeof value === "function";

const translated = z.object({
  source: z.object({ language: z.string() }),
  translations: z.array(
    z.object({
      language: z.string(),
      status: z.string(),
      text: z.string(),
      provenance: z.object({ model: z.string() }),
    }),
  ),
});

const streamed = z.object({
  // proto3 leaves zeros out.
  index: z.number().default(0),
  result: z.enum(["response", "error"]),
  response: translated.nullish(),
});

/** Calls a method that answers with a stream. */
function streamOf(client: object, method: string, request: object): ClientReadableStream<unknown> {
  const open: unknown = Reflect.get(client, method);
  if (typeof open !== "function") throw new Error(`There is no method ${method}.`);
  return open.call(client, request);
}

let folder: string;
let server: InferenceProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "meeshy-grpc-"));
  server = await startInference(folder, await choosePort(0));
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a stock gRPC client", () => {
  const service = () => stockClient(server, "proto/meeshy/v1/translation.proto", "meeshy.v1.TranslationService");

  it("translates a message", async () => {
    const { client, call } = service();
    const request = { text: "The bus is late.", source_language: "en", target_languages: ["fr", "de"] };
    const answer = translated.parse(await call("TranslateMessage", request));
    expect(answer.source.language).toBe("en");
    expect(answer.translations.map(({ language }) => language)).toEqual(["fr", "de"]);
    expect(answer.translations[0]?.text).toMatch(/retard/i);
    client.close();
  });

  it("translates a batch, and reads the cache's statistics", async () => {
    const { client, call } = service();
    const item = (text: string) => ({ text, source_language: "en", target_languages: ["es"] });
    const answer = z
      .object({
        results: z.array(
          z.object({ response: translated.optional(), error: z.object({ code: z.string() }).optional() }),
        ),
      })
      .parse(await call("BatchTranslate", { items: [item("Thank you!"), item("")] }));
    expect(answer.results[0]?.response?.translations[0]?.language).toBe("es");
    expect(answer.results[1]?.error?.code).toBe("invalid_argument");
    const stats = z.object({ entries: z.number() }).parse(await call("GetCacheStats", {}));
    expect(stats.entries).toBeGreaterThan(0);
    client.close();
  });

  it("streams a large job, each result as it comes, with its index", async () => {
    const { client } = service();
    const item = (text: string) => ({ text, source_language: "en", target_languages: ["fr"] });
    const stream = streamOf(client, "StreamTranslate", {
      items: [item("See you tomorrow."), item(" "), item("The train is late.")],
    });
    const results: z.infer<typeof streamed>[] = [];
    for await (const one of stream) results.push(streamed.parse(one));
    const byIndex = results.toSorted((one, other) => one.index - other.index);
    expect(byIndex.map(({ index, result }) => [index, result])).toEqual([
      [0, "response"],
      [1, "error"],
      [2, "response"],
    ]);
    expect(byIndex[2]?.response?.translations[0]?.text).toMatch(/retard/i);
    client.close();
  });

  it("cancels a streamed job, and the server goes on", async () => {
    const { client, call } = service();
    const items = Array.from({ length: 5_000 }, (_, index) => ({
      text: `It is ${index.toString(2).replaceAll("0", "day ").replaceAll("1", "night ")}.`,
      source_language: "en",
      target_languages: ["de"],
    }));
    const stream = streamOf(client, "StreamTranslate", { items });
    const reading = (async () => {
      for await (const _ of stream) stream.cancel();
    })();
    await expect(reading).rejects.toMatchObject({ code: status.CANCELLED });
    const request = { text: "Good evening.", source_language: "en", target_languages: ["de"] };
    expect(translated.parse(await call("TranslateMessage", request)).translations).toHaveLength(1);
    const { entries } = z.object({ entries: z.number() }).parse(await call("GetCacheStats", {}));
    expect(entries).toBeLessThan(items.length);
    client.close();
  });

  it("is told what was wrong with its request", async () => {
    const { client, call } = service();
    const refused = call("TranslateMessage", { text: "Hello", source_language: "klingon", target_languages: ["fr"] });
    await expect(refused).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining("klingon"),
    });
    client.close();
  });

  it("checks the server's health", async () => {
    const { client, call } = stockClient(server, "proto/grpc/health/v1/health.proto", "grpc.health.v1.Health");
    expect(await call("Check", { service: "meeshy.v1.TranslationService" })).toMatchObject({ status: "SERVING" });
    await expect(call("Check", { service: "no.such.Service" })).rejects.toMatchObject({ code: status.NOT_FOUND });
    client.close();
  });

  it("learns by reflection what the server serves, and the files that say how", async () => {
    const { client } = stockClient(
      server,
      "proto/grpc/reflection/v1/reflection.proto",
      "grpc.reflection.v1.ServerReflection",
    );
    const open: unknown = Reflect.get(client, "ServerReflectionInfo");
    if (typeof open !== "function") throw new Error("There is no reflection.");
    const stream = open.call(client);
    const answers: unknown[] = [];
    const ended = new Promise((resolve, reject) => {
      stream.on("data", (answer: unknown) => answers.push(answer));
      stream.on("end", resolve);
      stream.on("error", reject);
    });
    stream.write({ list_services: "" });
    stream.write({ file_containing_symbol: "meeshy.v1.TranslationService" });
    stream.write({ file_containing_symbol: "no.such.Thing" });
    stream.end();
    await ended;
    expect(answers[0]).toMatchObject({
      list_services_response: {
        service: [
          { name: "meeshy.v1.TranslationService" },
          { name: "grpc.health.v1.Health" },
          { name: "grpc.reflection.v1.ServerReflection" },
        ],
      },
    });
    const [file] = z
      .object({ file_descriptor_response: z.object({ file_descriptor_proto: z.array(z.instanceof(Uint8Array)) }) })
      .parse(answers[1]).file_descriptor_response.file_descriptor_proto;
    expect(Buffer.from(file ?? []).toString("latin1")).toContain("meeshy/v1/translation.proto");
    expect(answers[2]).toMatchObject({ error_response: { error_code: status.NOT_FOUND } });
    client.close();
  });
});
