import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { InferenceConfig } from "../config.ts";
import { sentenceOf } from "../sentence-of.ts";
import { type Finding, failure, ok, warning } from "./finding.ts";

/** First major version that runs TypeScript as it is. */
const oldestNode = 24;

export function examineNode(version: string): Finding {
  const major = Number(version.replace(/^v/, "").split(".")[0]);
  if (major >= oldestNode) return ok(`Node.js ${version}`);
  return failure(`Node.js ${version} is too old`, `Run npm ci, then npm run: it brings Node.js ${oldestNode} along.`);
}

/** What ONNX Runtime can run on, by its own word. */
export async function examineRuntime(): Promise<Finding[]> {
  try {
    const { listSupportedBackends } = await import("onnxruntime-node");
    // What npm does not bring, such as the provider for CUDA, is looked for apart.
    return listSupportedBackends()
      .filter(({ name, bundled }) => bundled || name === "cpu")
      .map(({ name }) => ok(`ONNX Runtime runs on ${name}`));
  } catch (error) {
    return [
      failure(`ONNX Runtime does not load: ${sentenceOf(error)}`, "Run npm ci on this machine, not on another one."),
    ];
  }
}

/** Bytes that a process takes without a model, and how many times a graph's bytes its session takes; both about. */
const baseBytes = 150_000_000;
const sessionFactor = 3;
const megabytes = (bytes: number) => `${Math.ceil(bytes / 1_000_000)} MB`;

/**
 * @param graphBytes of the models that a thread loads
 * @param available bytes that the process may still take
 */
export function examineMemory(graphBytes: number, workers: number, available: number): Finding {
  const needed = baseBytes + graphBytes * sessionFactor * workers;
  const what = `${megabytes(available)} of memory are free, about ${megabytes(needed)} are needed for ${workers} thread(s)`;
  return available >= needed
    ? ok(what)
    : warning(what, "Set WORKERS lower, take a smaller model, or give it more memory.");
}

export async function examinePort({ HOST: host, GRPC_PORT: port }: InferenceConfig): Promise<Finding> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => probe.once("error", reject).listen(port, host, resolve));
    return ok(`Port ${port} of ${host} is free`);
  } catch (error) {
    const advice = "A server may be running already; otherwise set GRPC_PORT or HOST.";
    return warning(`Port ${port} of ${host} cannot be taken: ${sentenceOf(error)}`, advice);
  } finally {
    probe.close();
  }
}

/** Days before its end at which a certificate is worth a word. */
const soonDays = 14;

/** @param now milliseconds since the epoch */
export function examineCertificate({ TLS_CERT, TLS_KEY, TLS_DIR }: InferenceConfig, now: number): Finding {
  const isOwn = TLS_CERT === undefined || TLS_KEY === undefined;
  const [certFile, keyFile] = isOwn ? [join(TLS_DIR, "cert.pem"), join(TLS_DIR, "key.pem")] : [TLS_CERT, TLS_KEY];
  if (isOwn && !existsSync(certFile)) return ok(`A certificate for localhost is made in ${TLS_DIR} at the first start`);
  try {
    const cert = readFileSync(certFile);
    createSecureContext({ cert, key: readFileSync(keyFile) });
    const { validTo, subjectAltName } = new X509Certificate(cert);
    const days = Math.floor((Date.parse(validTo) - now) / 86_400_000);
    const what = `The certificate ${certFile} (${subjectAltName ?? "for no name"}) is good until ${validTo}`;
    if (days >= soonDays) return ok(what);
    if (isOwn) return ok(`${what}; the next start makes a new one`);
    return days < 0 ? failure(what, "Renew it.") : warning(what, "Renew it soon.");
  } catch (error) {
    return failure(
      `The certificate ${certFile} cannot be used: ${sentenceOf(error)}`,
      "Give a PEM pair that belongs together.",
    );
  }
}
