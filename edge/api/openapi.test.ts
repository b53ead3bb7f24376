import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { errorCodes as roomErrorCodes } from "../conversation/error-codes.ts";
import { errorCodes } from "./error-codes.ts";
import { createApi } from "./index.ts";
import { newApi, type TestApi } from "./testing.ts";

const operation = z.looseObject({
  summary: z.string().min(1),
  tags: z.array(z.string()).length(1),
  responses: z.record(z.string(), z.unknown()),
});
const documentSchema = z.looseObject({
  openapi: z.literal("3.1.0"),
  servers: z.tuple([z.object({ url: z.literal("/api") })]),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

let api: TestApi;
let document: z.infer<typeof documentSchema>;
let page: string;
beforeAll(async () => {
  api = newApi();
  document = documentSchema.parse(await (await api.request("GET /openapi.json")).json());
  page = await (await api.request("GET /docs")).text();
});

/** Every value of a key, wherever it stands. */
function valuesOf(key: string, within: unknown): unknown[] {
  if (typeof within !== "object" || within === null) return [];
  return Object.entries(within).flatMap(([name, value]) => [...(name === key ? [value] : []), ...valuesOf(key, value)]);
}

describe("the OpenAPI document", () => {
  it("lists every route that the API answers, and no other", () => {
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const answered = createApi()
      .routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`)
      .filter((route) => route !== "GET /openapi.json" && route !== "GET /docs");
    expect(listed.sort()).toEqual([...new Set(answered)].sort());
    expect(listed.length).toBeGreaterThan(15);
  });

  it("refers only to schemas that it defines, and defines none in vain", () => {
    const used = new Set(valuesOf("$ref", document));
    const defined = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...used].sort()).toEqual(defined.sort());
  });

  it("says of each operation how it ends, refusals included", () => {
    for (const { responses } of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
      expect(Object.keys(responses)).toContain("default");
      expect(Object.keys(responses).some((status) => status.startsWith("2"))).toBe(true);
      expect(valuesOf("$ref", responses.default)).toEqual(["#/components/schemas/Problem"]);
    }
  });

  it("names every parameter of a path", () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const names = Array.from(path.matchAll(/{(\w+)}/g), ([, name]) => name);
      for (const one of Object.values(methods)) {
        const parameters = z
          .array(z.object({ name: z.string(), in: z.string(), required: z.boolean().optional() }))
          .parse(valuesOf("parameters", one).flat());
        const required = parameters.filter((parameter) => parameter.in === "path" && parameter.required);
        expect(required.map(({ name }) => name)).toEqual(names);
      }
    }
  });
});

describe("the documentation page", () => {
  const anchors = () => new Set(Array.from(page.matchAll(/ id="([^"]+)"/g), ([, id]) => id));

  it("has an anchor for every error code, to which problem documents link", () => {
    for (const code of Object.keys({ ...errorCodes, ...roomErrorCodes })) expect(anchors()).toContain(code);
  });

  it("links only to what is on it", () => {
    const targets = Array.from(page.matchAll(/ href="#([^"]+)"/g), ([, id]) => id);
    expect(targets.length).toBeGreaterThan(20);
    for (const target of targets) expect(anchors()).toContain(target);
  });

  it("shows every route and every schema", () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const method of Object.keys(methods)) expect(page).toContain(`<code>${method.toUpperCase()} ${path}</code>`);
    }
    for (const name of Object.keys(document.components.schemas)) expect(anchors()).toContain(`schema-${name}`);
  });

  it("is complete in itself: no script, nothing from another site", () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|https?:\/\//);
  });
});
