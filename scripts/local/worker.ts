import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Miniflare, type Request } from "miniflare";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";
import type { Http2Bridge } from "./http2-bridge.ts";

/** The Worker, running in workerd on this machine. */
export interface LocalWorker {
  /** Base URL of the web app and the API, http. */
  readonly url: string;
  close(): Promise<void>;
}

export interface LocalWorkerOptions {
  readonly port: number;
  /** Where Durable Objects keep their storage; undefined: in memory. */
  readonly storageDirectory?: string | undefined;
  /** Settings and secrets, by the names of edge/env.ts. */
  readonly bindings: Readonly<Record<string, string>>;
  readonly inference: Http2Bridge;
}

/** Where `npm run build` leaves the Worker, as `wrangler deploy` would upload it, and the files that are served as they are. */
const bundle = resolve("build/worker/worker.js");
const publicFiles = resolve("build/client");

/**
 * Runs the built Worker with the bindings that wrangler.toml declares. Miniflare has workers of its own in front of it, which
 * serve the static files; they would pass on every frame of every socket as well, and cost as much memory and time as the
 * rooms do. So clients reach an entry point beside the default one, which knows itself what is a file.
 */
export async function startWorker(options: LocalWorkerOptions): Promise<LocalWorker> {
  const { workerOptions } = workerOptionsOf(resolve("wrangler.toml"));
  const module = (name: string, contents: string) => ({
    type: "ESModule" as const,
    path: resolve(bundle, "..", name),
    contents,
  });
  const miniflare = new Miniflare({
    ...workerOptions,
    name: "meeshy",
    modules: [module("direct.js", direct), module("worker.js", readFileSync(bundle, "utf8"))],
    host: "127.0.0.1",
    port: 0,
    unsafeDirectSockets: [{ host: "127.0.0.1", port: options.port, entrypoint: "Direct" }],
    cf: false,
    bindings: { ...workerOptions.bindings, ...options.bindings, PUBLIC_FILES: listFiles() },
    serviceBindings: {
      ...workerOptions.serviceBindings,
      INFERENCE: (request: Request) => options.inference.fetch(request),
    },
    durableObjectsPersist: options.storageDirectory ?? false,
  });
  await miniflare.ready;
  const { origin } = await miniflare.unsafeGetDirectURL("meeshy", "Direct");
  return { url: origin, close: () => miniflare.dispose() };
}

const direct = `
import { WorkerEntrypoint } from "cloudflare:workers";
import worker from "./worker.js";
export * from "./worker.js";
export { worker as default };
export class Direct extends WorkerEntrypoint {
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (this.env.PUBLIC_FILES.includes(pathname)) return this.env.ASSETS.fetch(request);
    return worker.fetch(request, this.env, this.ctx);
  }
}`;

/** Paths of all static files, as they stand in URLs. */
const listFiles = (): string[] =>
  readdirSync(publicFiles, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `/${relative(publicFiles, join(parentPath, name))}`);
