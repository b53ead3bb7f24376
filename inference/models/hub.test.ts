import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkFetched, checksumsFile, fetchModel } from "./hub.ts";

const hash = (kind: string, content: string | Buffer) => createHash(kind).update(content).digest("hex");
const weights = Buffer.alloc(100_000, "weights");
const config = '{"model_type": "t5"}';
const hub = { repository: "us/tiny", revision: "main", files: ["config.json", "onnx/encoder_model.onnx"] };

/** A hub on this machine; it remembers what was asked for. */
async function newHub() {
  const contents: Record<string, Buffer> = { "config.json": Buffer.from(config), "onnx/encoder_model.onnx": weights };
  const tree = [
    { path: "config.json", size: config.length, oid: hash("sha1", `blob ${config.length}\0${config}`) },
    {
      path: "onnx/encoder_model.onnx",
      size: weights.length,
      oid: "0",
      lfs: { oid: hash("sha256", weights), size: weights.length },
    },
  ];
  const asked: string[] = [];
  const server = createServer(({ url = "", headers: { range } }, response) => {
    asked.push(`${url.replace("/us/tiny/resolve/main/", "")} ${range ?? ""}`.trim());
    if (url === "/api/models/us/tiny/tree/main?recursive=true") return response.end(JSON.stringify(tree));
    const content = contents[url.replace("/us/tiny/resolve/main/", "")];
    if (content === undefined) return response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    return response.writeHead(from > 0 ? 206 : 200).end(content.subarray(from));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The hub has no port.");
  return { server, contents, asked, endpoint: `http://127.0.0.1:${address.port}` };
}

let parent: string;
let folder: string;
let server: Server;
let there: Awaited<ReturnType<typeof newHub>>;
beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), "meeshy-hub-"));
  folder = join(parent, "tiny");
  there = await newHub();
  server = there.server;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(parent, { recursive: true, force: true });
});

const get = (onProgress: Parameters<typeof fetchModel>[0]["onProgress"] = () => undefined) =>
  fetchModel({ hub, folder, endpoint: there.endpoint, onProgress });
const unfinished = () => join(`${folder}.part`, "onnx", "encoder_model.onnx");

describe("fetching a model", () => {
  it("downloads what the registry names, says how far it is, and keeps what each file has to be", async () => {
    const progress: [string, number][] = [];
    await get(({ path }, bytes) => progress.push([path, bytes]));
    expect(readFileSync(join(folder, "config.json"), "utf8")).toBe(config);
    expect(readFileSync(join(folder, "onnx", "encoder_model.onnx")).equals(weights)).toBe(true);
    expect(progress.at(-1)).toEqual(["onnx/encoder_model.onnx", weights.length]);
    expect(JSON.parse(readFileSync(join(folder, checksumsFile), "utf8")).files).toHaveLength(2);
    expect(existsSync(`${folder}.part`)).toBe(false);
  });

  it("tells later which files are no longer what they were", async () => {
    expect(await checkFetched(folder)).toEqual([]);
    await get();
    writeFileSync(join(folder, "config.json"), "{}");
    const files = await checkFetched(folder);
    expect(files.toSorted((one, other) => one.path.localeCompare(other.path))).toEqual([
      { path: "config.json", isGood: false },
      { path: "onnx/encoder_model.onnx", isGood: true },
    ]);
  });

  it("goes on where an earlier try stopped", async () => {
    mkdirSync(join(`${folder}.part`, "onnx"), { recursive: true });
    writeFileSync(unfinished(), weights.subarray(0, 70_000));
    await get();
    expect(there.asked).toContain("onnx/encoder_model.onnx bytes=70000-");
    expect(readFileSync(join(folder, "onnx", "encoder_model.onnx")).equals(weights)).toBe(true);
  });

  it("throws a damaged file away, and leaves no model that looks whole", async () => {
    there.contents["onnx/encoder_model.onnx"] = Buffer.alloc(weights.length, "other");
    await expect(get()).rejects.toThrow(/arrived damaged/);
    expect([existsSync(folder), existsSync(unfinished())]).toEqual([false, false]);
  });

  it("says what the hub does not have", async () => {
    const fetching = fetchModel({
      hub: { ...hub, files: ["a"] },
      folder,
      endpoint: there.endpoint,
      onProgress: () => {},
    });
    await expect(fetching).rejects.toThrow("us/tiny has no a.");
  });
});

it("is a command: list, fetch by name, check", { timeout: 60_000 }, async () => {
  const file = join(parent, "models.json");
  const embedded = { name: "embedded", folder: "nowhere", route: "embedded" };
  const tiny = { name: "tiny", license: "CC-BY-NC-4.0", version: "1", languages: { en: "en" }, hub };
  writeFileSync(file, JSON.stringify({ models: [embedded, tiny] }));
  const env = { ...process.env, MODELS_FILE: file, MODELS_DIR: parent, HF_ENDPOINT: there.endpoint };
  const models = (...args: string[]) =>
    promisify(execFile)(process.execPath, ["inference/models/cli.ts", ...args], { env });
  expect((await models("list")).stdout).toContain(
    "tiny  route by name, licence CC-BY-NC-4.0: no commercial use, not fetched",
  );
  await expect(models("fetch", "nothing")).rejects.toThrow(/Name one of embedded, tiny/);
  expect((await models("fetch", "tiny")).stdout).toContain("onnx/encoder_model.onnx: 0.1 MB");
  writeFileSync(join(folder, "onnx", "encoder_model.onnx"), weights.subarray(1));
  const checked = await models("check").catch((error: unknown) => error);
  expect(checked).toMatchObject({ code: 1, stdout: expect.stringMatching(/config.json: as fetched\n.*DAMAGED/) });
});
