import { readFileSync } from "node:fs";
import { resolve } from "node:path";
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

/** Where `npm run build` leaves the Worker, as `wrangler deploy` would upload it. */
const bundle = resolve("build/worker/worker.js");

/** Runs the built Worker with the bindings that wrangler.toml declares. */
export async function startWorker(options: LocalWorkerOptions): Promise<LocalWorker> {
  const { workerOptions } = workerOptionsOf(resolve("wrangler.toml"));
  const miniflare = new Miniflare({
    ...workerOptions,
    name: "meeshy",
    modules: [{ type: "ESModule", path: bundle, contents: readFileSync(bundle, "utf8") }],
    host: "127.0.0.1",
    port: options.port,
    cf: false,
    bindings: { ...workerOptions.bindings, ...options.bindings },
    serviceBindings: {
      ...workerOptions.serviceBindings,
      INFERENCE: (request: Request) => options.inference.fetch(request),
    },
    durableObjectsPersist: options.storageDirectory ?? false,
  });
  const url = await miniflare.ready;
  return { url: url.origin, close: () => miniflare.dispose() };
}
