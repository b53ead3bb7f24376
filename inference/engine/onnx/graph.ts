import { create, fromBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeType,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "../../../proto/gen/onnx/onnx_pb.js";

/** ONNX's numbers of element types. */
export const types = { float: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const;

export type ElementType = keyof typeof types;

export const parseModel = (bytes: Uint8Array): ModelProto => fromBinary(ModelProtoSchema, bytes);

/** What a node may be told besides its inputs. */
export type Attribute = number | readonly number[] | GraphProto;

export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name: output[0] ?? "",
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  });
}

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === "number") {
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  }
  if ("node" in value) return create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: value });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

/** An integer, float or boolean constant: a scalar, or a list of one dimension. */
export function constant(
  name: string,
  type: "int64" | "float" | "bool",
  value: number | readonly number[],
): TensorProto {
  const values = typeof value === "number" ? [value] : [...value];
  const data =
    type === "int64"
      ? new BigInt64Array(values.map(BigInt))
      : type === "float"
        ? new Float32Array(values)
        : new Uint8Array(values);
  return create(TensorProtoSchema, {
    name,
    dataType: types[type],
    dims: typeof value === "number" ? [] : [BigInt(values.length)],
    rawData: new Uint8Array(data.buffer),
  });
}

/** The same as a node, as it may stand in a loop's body. */
export const constantNode = (name: string, tensor: TensorProto): NodeProto =>
  create(NodeProtoSchema, {
    opType: "Constant",
    name,
    output: [name],
    attribute: [create(AttributeProtoSchema, { name: "value", type: AttributeType.TENSOR, t: tensor })],
  });

/** An input or output; names stand for dimensions that are known only when it runs. */
export function value(name: string, elemType: number, shape: readonly (string | number)[]): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === "number"
        ? ({ case: "dimValue", value: BigInt(size) } as const)
        : ({ case: "dimParam", value: size } as const),
  }));
  return create(ValueInfoProtoSchema, { name, type: { tensorType: { elemType, shape: { dim } } } });
}

export const graph = (init: {
  readonly name: string;
  readonly nodes: readonly NodeProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly initializers?: readonly TensorProto[];
}): GraphProto =>
  create(GraphProtoSchema, {
    name: init.name,
    node: [...init.nodes],
    input: [...init.inputs],
    output: [...init.outputs],
    initializer: [...(init.initializers ?? [])],
  });

/** The nodes that lead to the wanted values, in their order; what nobody needs is left out. */
export function prune(nodes: readonly NodeProto[], wanted: Iterable<string>): NodeProto[] {
  const needed = new Set(wanted);
  const kept: NodeProto[] = [];
  for (const one of nodes.toReversed()) {
    if (!one.output.some((name) => needed.has(name))) continue;
    for (const name of one.input) needed.add(name);
    kept.push(one);
  }
  return kept.reverse();
}

/** The values, and all that is computed from any of them. */
export function dependents(nodes: readonly NodeProto[], values: Iterable<string>): ReadonlySet<string> {
  const found = new Set(values);
  for (const { input, output } of nodes) {
    if (input.some((name) => found.has(name))) for (const name of output) found.add(name);
  }
  return found;
}

/**
 * Splits the nodes of a loop's body into those that depend on what changes with its steps, and the others, which can be
 * computed once outside of it. Constants that only the inside needs stay there.
 */
export function hoist(
  nodes: readonly NodeProto[],
  changing: Iterable<string>,
): { readonly inside: NodeProto[]; readonly outside: NodeProto[] } {
  const inner = dependents(nodes, changing);
  const isInside = ({ output }: NodeProto): boolean => output.some((name) => inner.has(name));
  const outside = nodes.filter((one) => !isInside(one));
  const neededOutside = new Set(outside.flatMap(({ input }) => input));
  const stays = (one: NodeProto): boolean =>
    isInside(one) || (one.opType === "Constant" && !one.output.some((name) => neededOutside.has(name)));
  return { inside: nodes.filter(stays), outside: nodes.filter((one) => !stays(one)) };
}

/** The nodes with what they take in under other names. */
export const withInputs = (nodes: readonly NodeProto[], rename: (name: string) => string): NodeProto[] =>
  nodes.map((one) => ({ ...one, input: one.input.map(rename) }));

/** A graph's nodes and constants under names of their own, ready to stand in another graph. */
export interface Absorbed {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  /** What one of its values is called now. */
  readonly rename: (name: string) => string;
}

/**
 * Renames a graph so that it can stand beside others in one.
 *
 * @param bindings what its inputs are called in the graph it comes into
 * @param outer renames what it takes from the graph around it
 * @throws Error when it holds graphs of its own, which would need the same
 */
export function absorb(
  source: Pick<GraphProto, "node" | "initializer">,
  prefix: string,
  bindings: Readonly<Record<string, string>>,
  outer: (name: string) => string = (name) => `${prefix}${name}`,
): Absorbed {
  const own = new Set([...source.node.flatMap(({ output }) => output), ...source.initializer.map(({ name }) => name)]);
  const rename = (name: string): string => {
    if (name === "") return "";
    if (Object.hasOwn(bindings, name)) return bindings[name] ?? "";
    return own.has(name) ? `${prefix}${name}` : outer(name);
  };
  const nodes = source.node.map((one) => {
    if (one.attribute.some(({ type }) => type === AttributeType.GRAPH)) {
      throw new Error(`The graph holds a ${one.opType} with graphs of its own; only flat ones can be joined.`);
    }
    return { ...one, name: prefix + one.name, input: one.input.map(rename), output: one.output.map(rename) };
  });
  return {
    nodes,
    initializers: source.initializer.map((tensor) => ({ ...tensor, name: rename(tensor.name) })),
    rename,
  };
}
