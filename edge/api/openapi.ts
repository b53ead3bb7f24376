import type { Api } from "./context.ts";
import { docsPage } from "./docs-page.ts";

const description = "Everyone writes in their own language, everyone reads in theirs. How to begin: docs/api.md.";

/** `/openapi.json`, and `/docs` for people. */
export function addOpenApi(api: Api): void {
  api.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  const document = () =>
    api.getOpenAPI31Document({
      openapi: "3.1.0",
      info: { title: "Meeshy", version: "1", description },
      servers: [{ url: "/api" }],
    });
  api.get("/openapi.json", (c) => c.json(document()));
  api.get("/docs", (c) => c.html(docsPage(document())));
}
