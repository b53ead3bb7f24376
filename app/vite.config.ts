import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

/** Run from the repository root: it builds to build/client and build/server. */
export default defineConfig({
  publicDir: "app/public",
  plugins: [
    tailwindcss(),
    remix({
      ignoredRouteFiles: ["**/*.test.*"],
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        // A dozen routes: to ask for them one by one, over a network that may be gone, costs more than to know them.
        v3_lazyRouteDiscovery: false,
        v3_singleFetch: true,
      },
    }),
  ],
  ssr: { resolve: { conditions: ["workerd", "worker", "browser"] } },
  // A font inlined as a data: URL would be refused by the Content-Security-Policy.
  build: { assetsInlineLimit: 0 },
});
