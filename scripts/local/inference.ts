import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, request } from "undici";

/** An inference server that runs as a process of its own, as it does in production. */
export interface InferenceProcess {
  /** Base URL, https. */
  readonly url: string;
  /** PEM file of its development certificate. */
  readonly certificatePath: string;
  /** Drains and ends the process. */
  close(): Promise<void>;
}

/** How long a first start may take on a busy machine: making a certificate and loading the model. */
const readyTimeoutMs = 180_000;

/** The development certificate that every inference server with this data folder shares; undefined: none was made yet. */
export function certificateIn(dataDirectory: string): string | undefined {
  const path = certificatePathIn(dataDirectory);
  return existsSync(path) ? path : undefined;
}

const tlsDirectoryIn = (dataDirectory: string): string => join(dataDirectory, "tls");
const certificatePathIn = (dataDirectory: string): string => join(tlsDirectoryIn(dataDirectory), "cert.pem");

/**
 * Starts the inference server and waits until it is ready to translate.
 *
 * @param dataDirectory where its development certificate lives
 * @param settings further ones, by the names in docs/inference.md
 * @throws Error with the server's last words when it ends or does not become ready in time
 */
export async function startInference(
  dataDirectory: string,
  port: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<InferenceProcess> {
  const own = { GRPC_PORT: String(port), HOST: "127.0.0.1", TLS_DIR: tlsDirectoryIn(dataDirectory) };
  const child = spawn(process.execPath, ["inference/main.ts"], {
    env: { ...process.env, ...settings, ...own },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lastWords = collect(child);
  const certificatePath = certificatePathIn(dataDirectory);
  const url = `https://localhost:${port}`;
  try {
    await ready(child, url, certificatePath, lastWords);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return { url, certificatePath, close: () => end(child) };
}

async function ready(
  child: ChildProcess,
  url: string,
  certificatePath: string,
  lastWords: () => string,
): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  let agent: Agent | undefined;
  try {
    while (Date.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`The inference server ended at its start: ${lastWords()}`);
      if (existsSync(certificatePath)) {
        agent ??= new Agent({ allowH2: true, connect: { ca: readFileSync(certificatePath, "utf8") } });
        if (await answersReady(url, agent)) return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`The inference server was not ready after ${readyTimeoutMs / 1000} s: ${lastWords()}`);
  } finally {
    await agent?.destroy();
  }
}

async function answersReady(url: string, agent: Agent): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/health/ready`, { dispatcher: agent });
    await body.dump();
    return statusCode === 200;
  } catch {
    // Not listening yet.
    return false;
  }
}

/** Keeps the tail of what the process says, for an error message. */
function collect(child: ChildProcess): () => string {
  let tail = "";
  const keep = (chunk: Buffer) => {
    tail = (tail + chunk.toString("utf8")).slice(-2000);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  return () => tail.trim() || "it said nothing";
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await exited;
  clearTimeout(force);
}
