import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../config.ts";
import { unpackCheckpoint } from "../engine/testing/checkpoints.ts";
import { describeModel } from "../models/description.ts";
import { onlyModel } from "../models/registry.ts";
import { loadCertificate } from "../serving/tls.ts";
import { embeddedModel } from "../translation-node.ts";
import { examineCertificate, examineMemory, examineNode, examinePort } from "./host.ts";
import { examineFiles } from "./model.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "meeshy-doctor-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the doctor as `npm run doctor` does. */
async function doctor(environment: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, GRPC_PORT: "0", TLS_DIR: join(folder, "none"), ...environment };
  const run = promisify(execFile)(process.execPath, ["inference/doctor/main.ts"], { env });
  return run.then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
  );
}

// A process of its own, on a machine that may be busy.
describe("the doctor", { timeout: 120_000 }, () => {
  it("ends with 0 where the embedded model can serve", async () => {
    const { code, stdout } = await doctor();
    expect(stdout).toMatch(/✓ The model meeshy-embedded .* translates/);
    expect(stdout).toMatch(/files of meeshy-embedded are as they were made/);
    expect(stdout).toContain("It can serve");
    expect(code).toBe(0);
  });

  it("ends with 1, and says why, where it cannot", async () => {
    const model = join(folder, "model");
    cpSync(embeddedModel, model, { recursive: true });
    truncateSync(join(model, "onnx", "encoder_model_quantized.onnx"), 1_000);
    const { code, stdout } = await doctor({ MODEL_DIR: model });
    expect(stdout).toMatch(/✗ .*encoder_model_quantized.onnx is missing or damaged/);
    expect(stdout).toMatch(/✗ The model meeshy-embedded in .* does not run/);
    expect(stdout).toContain("It cannot serve yet");
    expect(code).toBe(1);
  });

  it("looks at the other models too; without them it can serve", async () => {
    using t5 = unpackCheckpoint("t5");
    using nllb = unpackCheckpoint("nllb");
    truncateSync(describeModel(nllb.folder).encoder, 1_000);
    const models = [
      { name: "meeshy-embedded", folder: embeddedModel, route: "embedded" },
      { name: "tiny-t5", folder: t5.folder, route: "short" },
      { name: "tiny-nllb", folder: nllb.folder, route: "long" },
      { name: "elsewhere", license: "MIT" },
    ];
    const file = join(folder, "models.json");
    writeFileSync(file, JSON.stringify({ models }));
    const { code, stdout } = await doctor({ MODELS_FILE: file });
    expect(stdout).toMatch(/✓ The model tiny-t5 .* translates/);
    expect(stdout).toMatch(/! The model tiny-nllb in .* does not run/);
    expect(stdout).toMatch(/- The model elsewhere is not there/);
    expect(stdout).toContain("It can serve");
    expect(code).toBe(0);
  });

  it("names a setting that is wrong", async () => {
    const { code, stdout } = await doctor({ WORKERS: "many" });
    expect(stdout).toMatch(/✗ .*WORKERS/);
    expect(code).toBe(1);
  });
});

describe("what it looks at", () => {
  it("is Node's version", () => {
    expect(examineNode("v24.0.0").status).toBe("ok");
    expect(examineNode("v22.9.0").status).toBe("failure");
  });

  it("is the memory that the threads take", () => {
    expect(examineMemory(20e6, 2, 1e9).status).toBe("ok");
    expect(examineMemory(20e6, 64, 1e9).status).toBe("warning");
  });

  it("is whether the port is free", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect((await examinePort(readConfig({ GRPC_PORT: String(port) }))).what).toContain("EADDRINUSE");
    await new Promise((resolve) => other.close(resolve));
    expect((await examinePort(readConfig({ GRPC_PORT: String(port) }))).status).toBe("ok");
  });

  it("is the certificate's end, and whether the key belongs to it", async () => {
    const own = readConfig({ TLS_DIR: join(folder, "tls") });
    const { cert } = await loadCertificate(own);
    expect(examineCertificate(own, Date.now()).what).toContain("localhost");
    const [certFile, keyFile] = [join(folder, "tls", "cert.pem"), join(folder, "tls", "key.pem")];
    const given = readConfig({ TLS_CERT: certFile, TLS_KEY: keyFile });
    const inDays = (days: number) => Date.now() + days * 86_400_000;
    expect([0, 355, 370].map((days) => examineCertificate(given, inDays(days)).status)).toEqual([
      "ok",
      "warning",
      "failure",
    ]);
    writeFileSync(join(folder, "other.pem"), cert);
    const halves = readConfig({ TLS_CERT: certFile, TLS_KEY: join(folder, "other.pem") });
    expect(examineCertificate(halves, Date.now()).status).toBe("failure");
  });

  it("is a model's files, where a list says what they were", async () => {
    const model = onlyModel(embeddedModel);
    expect(await examineFiles({ ...model, folder })).toMatchObject([{ status: "warning" }]);
    expect(await examineFiles(model)).toMatchObject([{ status: "ok" }]);
  });
});
