import type { NodeProto } from "../../../proto/gen/onnx/onnx_pb.js";
import { dependents, node } from "./graph.ts";
import type { Known } from "./known.ts";

/** What moves numbers and computes none: a factor may be applied before it as well as after it. */
const moving = new Set(["Reshape", "Transpose", "Identity"]);

/**
 * Scales the queries of an attention instead of its scores, and before they are split into heads. Where the factor stands next
 * to the product, ONNX Runtime makes it a part of the product, and that keeps it from the fast way it has for a single query.
 * Keys that do not change with the steps are scaled in their place, once for all steps.
 *
 * @param changing names of what changes with the steps
 */
export function withScaledQueries(
  nodes: readonly NodeProto[],
  known: ReadonlyMap<string, Known>,
  changing: Iterable<string>,
): NodeProto[] {
  const ofStep = dependents(nodes, changing);
  const makers = new Map(nodes.flatMap((one) => one.output.map((name) => [name, one] as const)));
  const uses = new Map<string, number>();
  for (const name of nodes.flatMap(({ input }) => input)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const isFactor = (name: string): boolean =>
    known.get(name)?.shape?.length === 0 && (makers.get(name)?.opType ?? "Constant") === "Constant";

  const changed = new Map<NodeProto, readonly NodeProto[]>();
  for (const scaled of nodes.filter(({ opType }) => opType === "Mul")) {
    const factor = scaled.input.find(isFactor);
    const scores = scaled.input.find((name) => name !== factor);
    const product = makers.get(scores ?? "");
    if (factor === undefined || scores === undefined || uses.get(scores) !== 1 || product?.opType !== "MatMul")
      continue;
    const [left, keys] = product.input;
    if (left !== undefined && keys !== undefined && !ofStep.has(keys)) {
      const name = `${scaled.output[0]}/keys`;
      changed.set(product, [
        node("Mul", [keys, factor], [name]),
        { ...product, input: [left, name], output: [...scaled.output] },
      ]);
      changed.set(scaled, []);
      continue;
    }
    const first = firstMove(left, makers, uses);
    const [queries, ...rest] = first?.input ?? [];
    if (first === undefined || queries === undefined) continue;
    const name = `${scaled.output[0]}/queries`;
    changed.set(first, [node("Mul", [queries, factor], [name]), { ...first, input: [name, ...rest] }]);
    changed.set(product, [{ ...product, output: [...scaled.output] }]);
    changed.set(scaled, []);
  }
  // Factors may stand behind the nodes that take them now.
  const isConstant = ({ opType }: NodeProto): boolean => opType === "Constant";
  return [
    ...nodes.filter(isConstant),
    ...nodes.filter((one) => !isConstant(one)).flatMap((one) => changed.get(one) ?? [one]),
  ];
}

/** The first of the nodes that only move what `name` is made of, as long as nobody else uses what they give. */
function firstMove(
  name: string | undefined,
  makers: ReadonlyMap<string, NodeProto>,
  uses: ReadonlyMap<string, number>,
): NodeProto | undefined {
  const maker = makers.get(name ?? "");
  if (maker === undefined || !moving.has(maker.opType) || uses.get(name ?? "") !== 1) return undefined;
  return firstMove(maker.input[0], makers, uses) ?? maker;
}
