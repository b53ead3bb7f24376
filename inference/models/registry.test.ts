import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { languageCodes } from "../../proto/languages.ts";
import { unpackCheckpoint } from "../engine/testing/checkpoints.ts";
import { defaultRegistry, isAvailable, licenceNote, readRegistry } from "./registry.ts";

const folder = mkdtempSync(join(tmpdir(), "meeshy-registry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(models: unknown, embeddedFolder?: string) {
  const file = join(folder, "models.json");
  writeFileSync(file, JSON.stringify({ models }));
  return readRegistry({ file, modelsFolder: join(folder, "fetched"), embeddedFolder });
}

const embedded = { name: "embedded", folder: "nowhere", route: "embedded" };

it("has the embedded model in the repository, and names others that can be got", () => {
  const models = readRegistry({ file: defaultRegistry, modelsFolder: folder });
  expect(models.filter(isAvailable).map(({ name, route }) => [name, route])).toEqual([["meeshy-embedded", "embedded"]]);
  expect(models[0]?.description?.languages).toHaveProperty("ja");
  expect(Object.keys(models[0]?.description?.languages ?? {})).toEqual(languageCodes);
  for (const { hub, exportFrom } of models.slice(1)) expect(hub ?? exportFrom).toBeDefined();
});

it("lets an entry say what an export does not say of itself, and more than that", () => {
  using nllb = unpackCheckpoint("nllb");
  const [, model] = read([
    embedded,
    { name: "mine", folder: nllb.folder, route: "long", precision: "fp16", languages: { fr: "fra_Latn" } },
  ]);
  expect(model?.description).toMatchObject({ name: "mine", precision: "fp16", version: "1", family: "m2m100" });
  expect(Object.keys(model?.description?.languages ?? {})).toEqual(["fr"]);
});

it("puts MODEL_DIR in the place of the embedded model", () => {
  using t5 = unpackCheckpoint("t5");
  const [model] = read([embedded], t5.folder);
  expect(model).toMatchObject({ name: "tiny-t5", route: "embedded", folder: t5.folder });
});

it("says what is wrong with files that are no model, and goes on with the others", () => {
  mkdirSync(join(folder, "fetched", "half"), { recursive: true });
  writeFileSync(join(folder, "fetched", "half", "config.json"), '{"model_type": "bert"}');
  const [, half] = read([embedded, { name: "half" }]);
  expect(half).toMatchObject({
    description: undefined,
    problem: expect.stringContaining("only models of the families"),
  });
});

it.each([
  ["two models of one name", [embedded, embedded], /names embedded twice/],
  ["no embedded model", [{ name: "a" }], /no model of the route embedded/],
  ["a route that there is not", [embedded, { name: "a", route: "medium" }], /models\.1\.route/],
  [
    "a path that leads out of its folder",
    [embedded, { name: "a", hub: { repository: "r", files: ["../a"] } }],
    /files/,
  ],
])("refuses %s", (_, models, message) => {
  expect(() => read(models)).toThrow(message);
});

it("says which licences forbid commercial use", () => {
  expect(licenceNote("CC-BY-NC-4.0")).toBe("licence CC-BY-NC-4.0: no commercial use");
  expect(licenceNote("Apache-2.0")).toBe("licence Apache-2.0");
});
