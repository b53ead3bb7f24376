import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { describeModel, type ModelDescription, parse, readJson } from "./description.ts";

/** The registry in the repository: the embedded model, and what `npm run models -- fetch` can get. */
export const defaultRegistry = fileURLToPath(new URL("./models.json", import.meta.url));

/** Where fetched models go, from where the command runs. */
export const fetchedModels = ".meeshy/models";

export const routes = ["short", "long", "embedded"] as const;
/** Which messages a model is for; "embedded": those that no other model takes. */
export type Route = (typeof routes)[number];

/** Where the files of an export lie on a hub that speaks as Hugging Face's does. */
const hub = z.object({
  repository: z.string().min(1),
  revision: z.string().min(1).default("main"),
  /** Paths in the repository; those of the graphs keep their folder. */
  files: z.array(z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, "must be a path inside the repository")).min(1),
});

/** Besides these an entry says what `model.json` does, and before it. */
const entry = z.looseObject({
  name: z.string().min(1),
  license: z.string().min(1).optional(),
  /** Relative to the registry's file; without it the model's name in the folder of fetched models. */
  folder: z.string().min(1).optional(),
  /** Without it only requests that name the model reach it. */
  route: z.enum(routes).optional(),
  /** Loaded and tried at start, not at the first request. */
  warm: z.boolean().default(false),
  hub: hub.optional(),
  /** Repository of the model in PyTorch, for a model that has to be exported. */
  exportFrom: z.string().min(1).optional(),
});

export type Hub = z.infer<typeof hub>;

/** A model of the registry, there or not. */
export interface RegisteredModel extends Pick<z.infer<typeof entry>, "hub" | "exportFrom" | "warm" | "route"> {
  readonly name: string;
  readonly license: string;
  readonly folder: string;
  /** Undefined while its files are not there, or are no model. */
  readonly description: ModelDescription | undefined;
  /** Why files that are there are no model: one sentence. */
  readonly problem: string | undefined;
}

/** A model whose files are there. */
export type AvailableModel = RegisteredModel & { readonly description: ModelDescription };

export interface RegistryOptions {
  /** Path of the JSON file. */
  readonly file: string;
  /** Folder of fetched models. */
  readonly modelsFolder: string;
  /** Folder that takes the place of the embedded model's. */
  readonly embeddedFolder?: string | undefined;
}

/**
 * Reads which models there are.
 *
 * @throws Error with one sentence that says what is wrong with the file
 */
export function readRegistry({ file, modelsFolder, embeddedFolder }: RegistryOptions): RegisteredModel[] {
  const { models } = parse(z.object({ models: z.array(entry) }), readJson(file), file);
  const names = models.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${file} names ${twice} twice.`);
  if (!models.some(({ route }) => route === "embedded")) throw new Error(`${file} has no model of the route embedded.`);
  return models.map((model) =>
    model.route === "embedded" && embeddedFolder !== undefined
      ? onlyModel(embeddedFolder)
      : register(
          model,
          model.folder === undefined ? join(modelsFolder, model.name) : resolve(dirname(file), model.folder),
        ),
  );
}

/** A registry's entry for a folder that says everything itself, in its `model.json`; it answers everything. */
export function onlyModel(folder: string): AvailableModel {
  const description = describeModel(folder);
  const { name, license } = description;
  const elsewhere = { hub: undefined, exportFrom: undefined };
  return { name, license, folder, description, problem: undefined, route: "embedded", warm: true, ...elsewhere };
}

export const isAvailable = (model: RegisteredModel): model is AvailableModel => model.description !== undefined;

/** What to know about a licence before using a model: NLLB's, for one, is for non-commercial use. */
export const licenceNote = (license: string): string =>
  /\bNC\b/.test(license) ? `licence ${license}: no commercial use` : `licence ${license}`;

function register(model: z.infer<typeof entry>, folder: string): RegisteredModel {
  const { name, route, warm, hub, exportFrom } = model;
  const known = { name, folder, route, warm, hub, exportFrom, license: model.license ?? "unknown" };
  const none = { ...known, description: undefined, problem: undefined };
  if (!existsSync(join(folder, "config.json"))) return none;
  try {
    const description = describeModel(folder, model);
    return { ...none, description, license: description.license };
  } catch (error) {
    return { ...none, problem: error instanceof Error ? error.message : String(error) };
  }
}
