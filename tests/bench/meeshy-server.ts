import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { build } from "vite";
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from "wrangler";

/**
 * Runs the bench's Worker in workerd, its Durable Objects on disk.
 *
 *   node meeshy-server.ts meeshy [FOLDER [INSPECTOR_PORT]]
 */
const [, , , parent = tmpdir(), inspectorPort] = process.argv;
const folder = mkdtempSync(join(parent, "meeshy-bench-"));
/** Miniflare takes modules from below the working directory only. */
const built = resolve(".cache/bench");
await build({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  configFile: false,
  logLevel: "error",
  build: {
    ssr: fileURLToPath(new URL("./room-worker.ts", import.meta.url)),
    outDir: built,
    emptyOutDir: true,
    rollupOptions: { external: [/^cloudflare:/, /^node:/], output: { entryFileNames: "worker.js" } },
    target: "es2022",
    minify: false,
  },
  ssr: { noExternal: true, target: "webworker", resolve: { conditions: ["workerd", "worker", "browser"] } },
});
// Static files are served by a worker in front of ours, which would take part in every frame of every socket.
const { workerOptions } = workerOptionsOf(resolve("wrangler.toml"));
const { assets: _, ...room } = { assets: undefined, ...workerOptions };
const bundle = join(built, "worker.js");
const miniflare = new Miniflare({
  ...room,
  name: "meeshy",
  modules: [{ type: "ESModule", path: bundle, contents: readFileSync(bundle, "utf8") }],
  serviceBindings: {},
  host: "127.0.0.1",
  port: 0,
  // Miniflare's own entry would take part in them as well.
  unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  ...(inspectorPort !== undefined && { inspectorPort: Number(inspectorPort) }),
  cf: false,
  bindings: {
    DATABASE_URL: "postgres://bench@database.invalid/meeshy",
    INFERENCE_NODES: "https://inference.invalid",
    JWT_SECRET: "signs nothing in this benchmark at all",
    CACHE_KEY_SECRET: "keys nothing in this benchmark at all",
    WRITE_RATE: "999999/999999",
  },
  durableObjectsPersist: join(folder, "objects"),
});
await miniflare.ready;
console.log((await miniflare.unsafeGetDirectURL()).port);

const stop = async () => {
  await miniflare.dispose();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeAllListeners(signal).on(signal, stop);
