import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildIfStale } from "./build.ts";
import { createDemo, demoPassword, demoPeople } from "./demo.ts";
import { openHttp2Bridge } from "./http2-bridge.ts";
import { certificateIn, type InferenceProcess } from "./inference.ts";
import { choosePort } from "./ports.ts";
import { localSecrets } from "./secrets.ts";
import { startServices } from "./services.ts";
import { startWorker } from "./worker.ts";

export interface StackOptions {
  /** Folder that holds everything the stack keeps: database, Durable Objects, certificate, secrets. */
  readonly dataDirectory: string;
  /** Preferred port of the web app; a free one is taken when it is in use. */
  readonly port: number;
  /** Preferred port of the inference server. */
  readonly inferencePort: number;
  /** Forget the data first. */
  readonly reset: boolean;
  /** Create demo people and a conversation on an empty database. */
  readonly demo: boolean;
  /**
   * Addresses of real services, by the names of the configuration table: what is set here is not started. FLEET_SECRET,
   * WRITE_RATE, ROOM_SOCKETS and RELAY_SOCKETS go to the Worker.
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called as each part is up, with what it is. */
  readonly onProgress?: (part: string, detail: string) => void;
}

/** All of Meeshy, running on this machine. */
export interface Stack {
  readonly url: string;
  /** Base URLs of the inference servers. */
  readonly inferenceNodes: string;
  /** The inference server that the stack started; undefined when INFERENCE_NODES names others. */
  readonly inference: InferenceProcess | undefined;
  close(): Promise<void>;
}

/** Settings of the Worker that go to it as the environment has them, by the names of edge/env.ts. */
const passedOn = ["FLEET_SECRET", "WRITE_RATE", "ROOM_SOCKETS", "RELAY_SOCKETS"] as const;

/** Starts database, shared cache, inference server, Worker and demo, in the order they need each other. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataDirectory, environment, onProgress = () => {} } = options;
  if (options.reset) rmSync(dataDirectory, { recursive: true, force: true });

  const open: { close(): Promise<void> }[] = [];
  const keep = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    open.push(part);
    return part;
  };
  const close = async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  };

  try {
    const starting = [
      startServices({ dataDirectory, inferencePort: options.inferencePort, environment }).then(keep),
      buildIfStale(),
    ] as const;
    // Waits for both before a failure shows, so that no part is left running unseen.
    await Promise.allSettled(starting);
    const [{ database, cache, inference, inferenceNodes: nodes }] = await Promise.all(starting);
    onProgress("database", database.description);
    onProgress("cache", cache.description);
    onProgress("inference", nodes);

    const worker = keep(
      await startWorker({
        port: await choosePort(options.port),
        storageDirectory: join(dataDirectory, "durable-objects"),
        inference: keep(openHttp2Bridge(certificateIn(dataDirectory))),
        bindings: {
          ...localSecrets(dataDirectory),
          ...database.bindings,
          ...cache.bindings,
          INFERENCE_NODES: nodes,
          ...Object.fromEntries(passedOn.flatMap((name) => (environment[name] ? [[name, environment[name]]] : []))),
          ...(options.demo ? { DEMO_ACCOUNTS: JSON.stringify({ password: demoPassword, people: demoPeople }) } : {}),
        },
      }),
    );
    if (options.demo) await createDemo(worker.url);
    onProgress("web app", worker.url);
    return { url: worker.url, inferenceNodes: nodes, inference, close };
  } catch (error) {
    await close();
    throw error;
  }
}
