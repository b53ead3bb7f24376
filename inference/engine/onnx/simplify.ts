import type { NodeProto } from "../../../proto/gen/onnx/onnx_pb.js";
import { constant, constantNode } from "./graph.ts";
import type { Known } from "./known.ts";
import { fixed, isFixed, isSame, type Size } from "./sizes.ts";

/**
 * Gives the reshapes of a graph their targets as numbers wherever those are known before it runs. A transposition that only
 * moves dimensions of one is a reshape, and several in a row are one. The runtime does not do so in a loop, and pays for each
 * node that computes a shape as for one that computes something.
 *
 * @param prefix what the names of the targets begin with
 */
export function withFixedReshapes(
  nodes: readonly NodeProto[],
  known: ReadonlyMap<string, Known>,
  prefix = "target/",
): NodeProto[] {
  const reshaping = new Map(
    nodes
      .filter((node) => isReshaping(node, known))
      .flatMap((node) => node.output.map((name) => [name, node] as const)),
  );
  const origin = (name: string): string => {
    const [data] = reshaping.get(name)?.input ?? [];
    return data === undefined ? name : origin(data);
  };
  const numbers = new Map<string, NodeProto>();
  const reshaped = nodes.map((node) => {
    const [output] = node.output;
    if (output === undefined || !reshaping.has(output)) return node;
    const data = origin(output);
    const target = targetOf(known.get(output)?.shape, known.get(data)?.shape);
    if (target === undefined) return node;
    const name = `${prefix}${target.join(",")}`;
    numbers.set(name, constantNode(name, constant(name, "int64", target)));
    return { ...node, opType: "Reshape", input: [data, name], attribute: [] };
  });
  return [...numbers.values(), ...reshaped];
}

/** Whether what a node gives is what it takes in the same order, in another shape. */
function isReshaping(node: NodeProto, known: ReadonlyMap<string, Known>): boolean {
  if (node.opType === "Reshape") return true;
  const shape = known.get(node.input[0] ?? "")?.shape;
  const order = node.attribute.find(({ name }) => name === "perm")?.ints.map(Number);
  if (node.opType !== "Transpose" || shape === undefined || order === undefined) return false;
  const moved = order.filter((from) => !isSame(shape[from] ?? fixed(0), fixed(1)));
  return moved.every((from, at) => at === 0 || from > (moved[at - 1] ?? 0));
}

/** The target of a reshape as numbers: 0 for a size that stays in its place, -1 for one that is open; undefined where two are. */
function targetOf(sizes: readonly Size[] | undefined, from: readonly Size[] | undefined): number[] | undefined {
  if (sizes === undefined || sizes.some((size) => isSame(size, fixed(0)))) return undefined;
  const open = sizes.flatMap((size, at) => (isFixed(size) ? [] : [at]));
  const stays = (at: number): boolean => {
    const [before, after] = [from?.[at], sizes[at]];
    return before !== undefined && after !== undefined && isSame(before, after);
  };
  const moving = open.filter((at) => !stays(at));
  if (moving.length > 1) return undefined;
  const last = moving[0] ?? open[0];
  return sizes.map((size, at) => (isFixed(size) ? size.fixed : at === last ? -1 : 0));
}
