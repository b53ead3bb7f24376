import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Three projects by runtime: `edge` runs inside workerd, `node` in Node, `e2e` drives the whole stack. */
export default defineConfig({
  test: {
    projects: [
      {
        root,
        plugins: [
          cloudflareTest({
            main: "./edge/test-worker.ts",
            wrangler: { configPath: "./wrangler.toml" },
            // The room's tests bring doubles of these services with them; nothing is ever connected to.
            miniflare: {
              bindings: {
                DATABASE_URL: "postgres://tests@database.test/meeshy",
                INFERENCE_NODES: "https://inference.test",
                JWT_SECRET: "tests sign tokens with this and nothing else",
                CACHE_KEY_SECRET: "tests key their caches with this and nothing else",
                // Few enough that a test can fill a room and its relays.
                ROOM_SOCKETS: "3",
                RELAY_SOCKETS: "2",
              },
            },
          }),
        ],
        test: { name: "edge", include: ["edge/**/*.workerd.test.ts"], testTimeout: 20_000 },
      },
      {
        root,
        test: {
          name: "node",
          include: ["{proto,edge,inference,app,scripts}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.workerd.test.ts", "**/node_modules/**"],
          globalSetup: "./tests/support/databases.ts",
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        root,
        test: {
          name: "e2e",
          include: ["tests/**/*.test.ts"],
          globalSetup: "./tests/support/build.ts",
          // Each file runs a whole stack, some with browsers: one at a time, after everything else.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 90_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
    ],
  },
});
