import type { NodeProto, TensorProto } from "../../proto/gen/onnx/onnx_pb.js";
import { node, types } from "./onnx/graph.ts";

/** One step of a decoder, as nodes that may stand in a loop. */
export interface DecoderStep {
  /** They take `token` and `past/*`, which change with every step, and `live/*`, which is of the source. */
  readonly nodes: readonly NodeProto[];
  /** What they need that depends on `live/*` only. */
  readonly oncePerRound: readonly NodeProto[];
  /** What only they need: ONNX Runtime arranges weights for its kernels where they stand in the loop's own graph. */
  readonly weights: readonly TensorProto[];
  /** What its logits, shape (rows, 1, vocabulary), are called. */
  readonly logits: string;
  /** Its own keys and values: names after `past/`, and what they are called after the step. */
  readonly own: readonly { readonly name: string; readonly after: string }[];
  /** What is of the source, a row of it for each row: names after `live/`, and what they are called around the loop. */
  readonly ofSource: readonly SourceValue[];
  /** ONNX's number of the type of keys and values. */
  readonly elementType: number;
  readonly heads: number;
  readonly headSize: number;
}

export interface SourceValue {
  readonly name: string;
  readonly around: string;
  readonly elementType: number;
  /** Its dimensions; the first is that of the rows. */
  readonly shape: readonly (string | number)[];
}

/** The dimensions of keys and values, `length` tokens of them. */
export const pastShape = ({ heads, headSize }: DecoderStep, length: string) => ["rows", heads, length, headSize];

/** How many rows there are, and the number of each. */
export const rowsOfBatch: readonly NodeProto[] = [
  node("Shape", ["starts"], ["starts_shape"]),
  node("Gather", ["starts_shape", "nought"], ["row_count"]),
  node("Range", ["nought", "row_count", "one"], ["every_row"]),
];

/** A token that is forced is none of the translation's: it comes on top of a row's limit. */
export const ofForcedTokens: readonly NodeProto[] = [
  node("GreaterOrEqual", ["forced", "nought"], ["is_forced"]),
  node("Cast", ["is_forced"], ["forced_number"], { to: types.int64 }),
  node("Add", ["limits", "forced_number"], ["lengths"]),
  node("Sub", ["lengths", "one"], ["last_places"]),
];

/** Where a loop begins: `first_past`, keys and values of no token, and `no_tokens`, for as many rows as `count` says. */
export const nothingYet = ({ elementType }: DecoderStep, count: string): NodeProto[] => [
  node("Unsqueeze", [count, "axis_0"], ["height"]),
  node("Concat", ["height", "no_past"], ["past_shape"], { axis: 0 }),
  node("ConstantOfShape", ["past_shape"], ["first_past_float"]),
  node("Cast", ["first_past_float"], ["first_past"], { to: elementType }),
  node("Concat", ["height", "axis_0"], ["no_tokens_shape"], { axis: 0 }),
  node("Expand", ["pad", "no_tokens_shape"], ["no_tokens"]),
];
