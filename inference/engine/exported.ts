import { readFile } from "node:fs/promises";
import { AttributeType, type GraphProto, type ModelProto } from "../../proto/gen/onnx/onnx_pb.js";
import type { EngineModel } from "./messages.ts";
import { parseModel } from "./onnx/graph.ts";
import type { ModelFile } from "./weights.ts";

/** The files of an export cannot be joined to one graph; they may still run one by one. */
export class FusionError extends Error {
  override readonly name = "FusionError";
}

/** The graphs of an Optimum export, whichever files they came in. */
export interface ExportedModel {
  readonly encoder: GraphProto;
  /** The decoder's first step, which makes keys and values. */
  readonly first: GraphProto;
  /** Its later steps, which take them. */
  readonly next: GraphProto;
  /** What both steps of a merged decoder share: nodes and weights around its two branches. */
  readonly around: Pick<GraphProto, "node" | "initializer">;
  readonly files: readonly ModelFile[];
  /** ONNX's number of the type of logits, keys and values: float or float16. */
  readonly elementType: number;
  readonly irVersion: bigint;
  /** Domain ("" is ONNX's own) -> version of its operators. */
  readonly opsets: ReadonlyMap<string, bigint>;
}

/**
 * Reads an export with a merged decoder, or with a decoder for the first step and one for the later ones.
 *
 * @throws FusionError when the files are not laid out as such an export
 */
export async function readExport(model: Pick<EngineModel, "encoder" | "decoder">): Promise<ExportedModel> {
  const encoder = await readPart(model.encoder);
  if (model.decoder.kind === "pair") {
    const [first, next] = await Promise.all([readPart(model.decoder.first), readPart(model.decoder.next)]);
    const around = { node: [], initializer: [] };
    return { first: first.graph, next: next.graph, around, ...traits(encoder, first, next) };
  }
  const merged = await readPart(model.decoder.path);
  const { initializer, node } = merged.graph;
  const around = { node: node.filter(({ opType }) => opType !== "If"), initializer };
  const steps = branches(merged.graph);
  // It is computed once for all steps: then it can be of the source only.
  const ofStep = new Set(["input_ids", "use_cache_branch"]);
  const wrong = around.node.find(({ input }) => input.some((name) => ofStep.has(name) || name.startsWith("past_")));
  if (wrong !== undefined) throw new FusionError(`The decoder has a ${wrong.opType} of a step around its branches.`);
  return { ...steps, around, ...traits(encoder, merged) };
}

interface Part {
  readonly graph: GraphProto;
  readonly model: ModelProto;
  readonly file: ModelFile;
}

async function readPart(path: string): Promise<Part> {
  const bytes = await readFile(path);
  const model = parseModel(bytes);
  if (model.graph === undefined) throw new FusionError(`${path} holds no graph.`);
  return { graph: model.graph, model, file: { path, bytes } };
}

/** The two halves of Optimum's merged decoder: one `If` that asks whether there is a past. */
function branches(decoder: GraphProto): Pick<ExportedModel, "first" | "next"> {
  const conditional = decoder.node.find(({ opType }) => opType === "If");
  const branch = (name: string) =>
    conditional?.attribute.find((one) => one.type === AttributeType.GRAPH && one.name === name)?.g;
  const [next, first] = [branch("then_branch"), branch("else_branch")];
  if (next === undefined || first === undefined) {
    throw new FusionError("The decoder is not Optimum's merged one: it has no If with two branches.");
  }
  return { first, next };
}

/** What the files of an export have in common. */
function traits(encoder: Part, decoder: Part, ...others: readonly Part[]) {
  const parts = [encoder, decoder, ...others];
  const opsets = new Map<string, bigint>();
  for (const { domain, version } of parts.flatMap(({ model }) => model.opsetImport)) {
    const known = opsets.get(domain);
    if (domain === "" && known !== undefined && known !== version) {
      throw new FusionError(`The files are of different operator sets, ${known} and ${version}.`);
    }
    opsets.set(domain, known !== undefined && known > version ? known : version);
  }
  const elementType = decoder.graph.output.find(({ name }) => name === "logits")?.type?.tensorType?.elemType;
  if (elementType === undefined) throw new FusionError("The decoder gives no logits.");
  const irVersion = parts.map(({ model }) => model.irVersion).toSorted((one, other) => Number(other - one))[0] ?? 0n;
  return { encoder: encoder.graph, opsets, irVersion, elementType, files: parts.map(({ file }) => file) };
}
