import { AttributeType, type NodeProto, type TensorProto } from "../../../proto/gen/onnx/onnx_pb.js";
import { types } from "./graph.ts";
import { broadcast, fixed, isFixed, isSame, product, reshaped, type Size, sum, times } from "./sizes.ts";

/** What is known of a value before it runs: its shape, and of small lists of integers (shapes, axes) what they hold. */
export interface Known {
  readonly shape?: readonly Size[] | undefined;
  /** In order, of a scalar or of a list. */
  readonly content?: readonly Size[] | undefined;
}

type Rule = (node: NodeProto, inputs: readonly Known[]) => Known | undefined;

/** Numbers in a list at most. */
const mostNumbers = 16;

/**
 * What is known of the values of a graph: exporters write down how to compute shapes that, with the shapes of the inputs
 * given, are plain numbers.
 *
 * @param given what is known of the inputs, and of weights their shapes
 */
export function inferKnown(nodes: readonly NodeProto[], given: ReadonlyMap<string, Known>): Map<string, Known> {
  const known = new Map(given);
  for (const node of nodes) {
    const found = rules[node.opType]?.(
      node,
      node.input.map((name) => known.get(name) ?? {}),
    );
    // Further outputs of the operators below are scalars: scale and zero point of a quantisation.
    for (const [at, output] of node.output.entries()) {
      if (found !== undefined) known.set(output, at === 0 ? found : { shape: [] });
    }
  }
  return known;
}

export function knownOfTensor(tensor: TensorProto): Known {
  const shape = tensor.dims.map((dim) => fixed(Number(dim)));
  const numbers = numbersOf(tensor);
  return { shape, content: numbers?.map(fixed) };
}

/** The integers of a scalar or a short list; undefined of anything else. */
function numbersOf({ dims, dataType, rawData }: TensorProto): number[] | undefined {
  const length = dims.reduce((size, dim) => size * Number(dim), 1);
  if (dims.length > 1 || length > mostNumbers || (dataType !== types.int64 && dataType !== types.int32))
    return undefined;
  if (rawData.byteLength !== length * (dataType === types.int64 ? 8 : 4)) return undefined;
  const bytes = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Array.from({ length }, (_, at) =>
    dataType === types.int64 ? Number(bytes.getBigInt64(at * 8, true)) : bytes.getInt32(at * 4, true),
  );
}

function attribute(node: NodeProto, name: string) {
  return node.attribute.find((one) => one.name === name);
}

const axisOf = (node: NodeProto, fallback: number): number => Number(attribute(node, "axis")?.i ?? fallback);

/** A list of axes from an input or, in old operator sets, from an attribute, counted from the front. */
function axesOf(node: NodeProto, input: Known | undefined, rank: number): number[] | undefined {
  const axes =
    attribute(node, "axes")?.ints.map(Number) ?? input?.content?.map((size) => (isFixed(size) ? size.fixed : NaN));
  return axes?.every(Number.isInteger) ? axes.map((axis) => (axis < 0 ? axis + rank : axis)) : undefined;
}

const sameShape: Rule = (_, [input]) => ({ shape: input?.shape });

function broadcastShapes(one: Known | undefined, other: Known | undefined): Size[] | undefined {
  const [long, short] =
    (one?.shape?.length ?? 0) >= (other?.shape?.length ?? 0) ? [one?.shape, other?.shape] : [other?.shape, one?.shape];
  if (long === undefined || short === undefined) return undefined;
  const shift = long.length - short.length;
  const shape = long.map((size, at) => (at < shift ? size : broadcast(size, short[at - shift] ?? fixed(1))));
  return every(shape);
}

const every = <T>(list: readonly (T | undefined)[]): T[] | undefined => {
  const found = list.filter((item) => item !== undefined);
  return found.length === list.length ? found : undefined;
};

/** Of two lists, or a list and a scalar, number by number. */
function pairwise(
  one: Known | undefined,
  other: Known | undefined,
  combine: (one: Size, other: Size) => Size | undefined,
): Size[] | undefined {
  const [left, right] = [one?.content, other?.content];
  if (left === undefined || right === undefined) return undefined;
  if (left.length !== right.length && left.length !== 1 && right.length !== 1) return undefined;
  const length = Math.max(left.length, right.length);
  return every(
    Array.from({ length }, (_, at) => {
      const [a, b] = [left[left.length === 1 ? 0 : at], right[right.length === 1 ? 0 : at]];
      return a && b && combine(a, b);
    }),
  );
}

const elementwise =
  (combine: (one: Size, other: Size) => Size | undefined): Rule =>
  (_, [one, other]) => ({ shape: broadcastShapes(one, other), content: pairwise(one, other, combine) });

const matMul: Rule = (_, [left, right]) => {
  const [rows, columns] = [left?.shape?.at(-2), right?.shape?.at(-1)];
  const batch = broadcastShapes({ shape: left?.shape?.slice(0, -2) }, { shape: right?.shape?.slice(0, -2) });
  return batch && rows && columns && { shape: [...batch, rows, columns] };
};

const rules: Readonly<Record<string, Rule>> = {
  Constant: (node) => {
    const tensor = attribute(node, "value");
    return tensor?.type === AttributeType.TENSOR && tensor.t !== undefined ? knownOfTensor(tensor.t) : undefined;
  },
  Identity: (_, [input]) => input,
  Cast: (_, [input]) => input,
  Shape: (node, [input]) =>
    input?.shape === undefined || attribute(node, "start") !== undefined || attribute(node, "end") !== undefined
      ? undefined
      : { shape: [fixed(input.shape.length)], content: input.shape },
  Gather: (node, [data, index]) => {
    if (data?.shape === undefined || index?.shape === undefined || axisOf(node, 0) !== 0) return undefined;
    const shape = [...index.shape, ...data.shape.slice(1)];
    const length = data.content?.length ?? 0;
    const content = index.content?.map((at) =>
      isFixed(at) ? data.content?.[at.fixed < 0 ? at.fixed + length : at.fixed] : undefined,
    );
    return { shape, content: content && every(content) };
  },
  Unsqueeze: (node, [input, axesInput]) => {
    const axes = axesOf(node, axesInput, (input?.shape?.length ?? 0) + 1);
    if (input?.shape === undefined || axes?.length !== 1) return undefined;
    return {
      shape: input.shape.toSpliced(axes[0] ?? 0, 0, fixed(1)),
      content: input.shape.length === 0 ? input.content : undefined,
    };
  },
  Concat: (node, inputs) => {
    const shapes = every(inputs.map(({ shape }) => shape));
    const axis = axisOf(node, 0);
    const [first] = shapes ?? [];
    if (shapes === undefined || first === undefined) return undefined;
    const at = axis < 0 ? axis + first.length : axis;
    const along = shapes.map((shape) => shape[at] ?? fixed(0)).reduce(sum);
    const contents = first.length === 1 ? every(inputs.map(({ content }) => content)) : undefined;
    return { shape: first.with(at, along), content: contents?.flat() };
  },
  Reshape: (_, [input, target]) => {
    const shape = target?.content && reshaped(input?.shape, target.content);
    return { shape, content: (shape?.length ?? 2) <= 1 ? input?.content : undefined };
  },
  Slice: (node, [data, starts, ends, axesInput, steps]) => {
    const [shape, from, to] = [data?.shape, starts?.content, ends?.content];
    // What is left out has a meaning; what is there and not known has none yet.
    const isGiven = (at: number) => (node.input[at] ?? "") !== "";
    const strides = isGiven(4) ? steps?.content : [];
    if (shape === undefined || from === undefined || to === undefined || strides === undefined) return undefined;
    const axes = isGiven(3) ? axesOf(node, axesInput, shape.length) : from.map((_, axis) => axis);
    if (axes === undefined || !strides.every((stride) => isSame(stride, fixed(1)))) return undefined;
    const sizes = every(shape.map((size, axis) => sliced(size, from[axes.indexOf(axis)], to[axes.indexOf(axis)])));
    const [first, last] = [from[0], to[0]];
    const isPlain = first !== undefined && last !== undefined && isFixed(first) && isFixed(last);
    return { shape: sizes, content: isPlain ? data?.content?.slice(first.fixed, last.fixed) : undefined };
  },
  Transpose: (node, [input]) => {
    const order = attribute(node, "perm")?.ints.map(Number);
    return { shape: order && every(order.map((from) => input?.shape?.[from])) };
  },
  ConstantOfShape: (node, [input]) => {
    const tensor = attribute(node, "value")?.t;
    const [number] = (tensor && numbersOf(tensor)) ?? [];
    const [length] = input?.content ?? [];
    const isList =
      input?.content?.length === 1 && length !== undefined && isFixed(length) && length.fixed <= mostNumbers;
    const content =
      isList && number !== undefined ? Array.from({ length: length.fixed }, () => fixed(number)) : undefined;
    return { shape: input?.content, content };
  },
  Add: elementwise(sum),
  Sub: elementwise((one, other) => sum(one, times(other, -1))),
  Mul: elementwise(product),
  Div: elementwise(() => undefined),
  Greater: elementwise(() => undefined),
  // As numbers: 1 where two sizes are the same. Two that differ in form may still be the same when they run.
  Equal: elementwise((one, other) =>
    isSame(one, other)
      ? fixed(1)
      : isFixed(one) && isFixed(other)
        ? fixed(0)
        : isNegative(one) || isNegative(other)
          ? fixed(0)
          : undefined,
  ),
  Where: (_, [condition, one, other]) => {
    const content = condition?.content?.map((holds, at) => (isSame(holds, fixed(1)) ? one : other)?.content?.[at]);
    const shape = broadcastShapes(condition, { shape: broadcastShapes(one, other) });
    return { shape, content: content && every(content) };
  },
  MatMul: matMul,
  MatMulInteger: matMul,
  LayerNormalization: sameShape,
  DynamicQuantizeLinear: sameShape,
  DequantizeLinear: sameShape,
  Relu: sameShape,
  Softmax: sameShape,
  Not: sameShape,
  CumSum: sameShape,
  Trilu: sameShape,
  ScatterND: sameShape,
  Range: (_, inputs) => {
    const [start, limit, step] = inputs.map(({ content }) => content?.[0]);
    return start && limit && step && isSame(step, fixed(1)) ? { shape: [sum(limit, times(start, -1))] } : undefined;
  },
  Expand: (_, [input, target]) => ({ shape: broadcastShapes(input, { shape: target?.content }) }),
};

/** A size is never negative, whatever the batch: -1 stands for "any". */
const isNegative = (size: Size): boolean => isFixed(size) && size.fixed < 0;

/** The dimension that is left of one between two places; undefined where it cannot be told. All of it where no place is given. */
function sliced(size: Size, from: Size | undefined, to: Size | undefined): Size | undefined {
  if (from === undefined || to === undefined) return size;
  const end = isSame(to, size) || (isFixed(to) && to.fixed >= 2 ** 31 - 1) ? size : to;
  if (isFixed(from) && from.fixed === 0 && isSame(end, size)) return size;
  if (!isFixed(size) || !isFixed(from) || !isFixed(end)) return undefined;
  const at = ({ fixed }: Size) => Math.min(Math.max(fixed < 0 ? fixed + size.fixed : fixed, 0), size.fixed);
  return fixed(Math.max(0, at(end) - at(from)));
}
