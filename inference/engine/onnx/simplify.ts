import type { NodeProto } from "../../../proto/gen/onnx/onnx_pb.js";
import { constant, constantNode } from "./graph.ts";
import type { Known } from "./known.ts";
import { isFixed, type Size } from "./sizes.ts";

/**
 * Gives the reshapes of a graph their targets as numbers wherever those are known before it runs, one size of each left open.
 * The runtime does not do so in a loop, and pays for each node that computes a shape as for one that computes something.
 */
export function withFixedReshapes(nodes: readonly NodeProto[], known: ReadonlyMap<string, Known>): NodeProto[] {
  const numbers = new Map<string, NodeProto>();
  const reshaped = nodes.map((node) => {
    const [data] = node.input;
    const sizes = node.opType === "Reshape" ? known.get(node.output[0] ?? "")?.shape : undefined;
    const target = sizes && openTarget(sizes);
    if (data === undefined || target === undefined) return node;
    const name = `target/${target.join(",")}`;
    numbers.set(name, constantNode(name, constant(name, "int64", target)));
    return { ...node, input: [data, name] };
  });
  return [...numbers.values(), ...reshaped];
}

/** The target of a reshape as numbers, one of its sizes left open; undefined where two are not known. */
function openTarget(sizes: readonly Size[]): number[] | undefined {
  if (sizes.filter((size) => !isFixed(size)).length > 1) return undefined;
  return sizes.map((size) => (isFixed(size) ? size.fixed : -1));
}
