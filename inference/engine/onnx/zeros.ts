import { create, toBinary } from "@bufbuild/protobuf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { ModelProtoSchema, type NodeProto, type OperatorSetIdProto } from "../../../proto/gen/onnx/onnx_pb.js";
import { int64 } from "../tensors.ts";
import { graph, node, types, value } from "./graph.ts";
import type { Known } from "./known.ts";
import type { Size } from "./sizes.ts";

/** Sizes that are tried. */
const trials = [1, 3].flatMap((rows) => [0, 1, 2, 7, 40].map((past) => ({ rows, past, source: 5 })));

/**
 * Takes additions of nothing out of a step's nodes. A step of one token may see all that is past, but exporters compute its
 * mask all the same, in a hundred nodes that depend on shapes only and always give zeros. Whether they do is tried out, for
 * several sizes, before they go.
 */
export async function withoutZeroMasks(
  nodes: readonly NodeProto[],
  known: ReadonlyMap<string, Known>,
  opsets: readonly OperatorSetIdProto[],
): Promise<NodeProto[]> {
  const makers = new Map(nodes.flatMap((one) => one.output.map((name) => [name, one] as const)));
  const masks = new Set<string>();
  for (const name of new Set(nodes.filter(({ opType }) => opType === "Add").flatMap(({ input }) => input))) {
    const origin = originOf(name, makers, known);
    if (origin !== undefined && (await isAlwaysZero(name, origin, known, opsets))) masks.add(name);
  }
  return nodes.map((one) => {
    const mask = one.opType === "Add" ? one.input.find((name) => masks.has(name)) : undefined;
    const other = one.input.find((name) => name !== mask);
    return mask === undefined || other === undefined ? one : node("Identity", [other], [...one.output]);
  });
}

interface Origin {
  readonly nodes: readonly NodeProto[];
  /** Lists of sizes that they start from. */
  readonly shapes: readonly string[];
}

/** The nodes that a value is computed by when they need nothing but shapes; undefined when they need more, or are too few. */
function originOf(
  name: string,
  makers: ReadonlyMap<string, NodeProto>,
  known: ReadonlyMap<string, Known>,
): Origin | undefined {
  const found = new Set<NodeProto>();
  const shapes = new Set<string>();
  const isOfShapes = (wanted: string): boolean => {
    const maker = makers.get(wanted);
    if (wanted === "") return true;
    if (maker === undefined) return false;
    if (maker.opType === "Shape" && known.get(wanted)?.content !== undefined) {
      shapes.add(wanted);
      return true;
    }
    if (found.has(maker)) return true;
    if (!maker.input.every(isOfShapes)) return false;
    found.add(maker);
    return true;
  };
  return isOfShapes(name) && shapes.size > 0 ? { nodes: [...found], shapes: [...shapes] } : undefined;
}

async function isAlwaysZero(
  name: string,
  { nodes, shapes }: Origin,
  known: ReadonlyMap<string, Known>,
  opsetImport: readonly OperatorSetIdProto[],
): Promise<boolean> {
  const contents = shapes.map((shape) => [shape, known.get(shape)?.content ?? []] as const);
  const trial = graph({
    name: "mask",
    nodes: [
      ...nodes,
      node("Cast", [name], ["trial/mask"], { to: types.float }),
      node("Abs", ["trial/mask"], ["trial/amounts"]),
      node("ReduceSum", ["trial/amounts"], ["trial/amount"], { keepdims: 0 }),
    ],
    inputs: contents.map(([shape, { length }]) => value(shape, types.int64, [length])),
    outputs: [value("trial/amount", types.float, [])],
  });
  const model = create(ModelProtoSchema, { irVersion: 8n, opsetImport: [...opsetImport], graph: trial });
  const session = await InferenceSession.create(toBinary(ModelProtoSchema, model), { logSeverityLevel: 3 }).catch(
    () => undefined,
  );
  if (session === undefined) return false;
  try {
    for (const sizes of trials) {
      const inputs = contents.map(([shape, content]) => [
        shape,
        int64(
          content.map((size) => at(size, sizes)),
          [content.length],
        ),
      ]);
      const { "trial/amount": amount } = await session.run(Object.fromEntries(inputs));
      if (!(amount instanceof Tensor) || amount.data[0] !== 0) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    await session.release();
  }
}

const at = (size: Size, { rows, past, source }: (typeof trials)[number]): number =>
  size.rows * rows + size.past * past + size.source * source + size.fixed;
