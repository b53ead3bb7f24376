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
        plugins: [cloudflareTest({ main: "./edge/test-worker.ts", wrangler: { configPath: "./wrangler.toml" } })],
        test: { name: "edge", include: ["edge/**/*.workerd.test.ts"] },
      },
      {
        root,
        test: {
          name: "node",
          include: ["{proto,edge,inference,app,scripts}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.workerd.test.ts", "**/node_modules/**"],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      { root, test: { name: "e2e", include: ["tests/**/*.test.ts"], testTimeout: 90_000, hookTimeout: 180_000 } },
    ],
  },
});
