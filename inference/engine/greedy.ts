import type { GraphProto, NodeProto, TensorProto } from "../../proto/gen/onnx/onnx_pb.js";
import { graph, node, types, value } from "./onnx/graph.ts";

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

/**
 * Greedy decoding in two loops. The inner one makes a token for each row until half of its rows have ended; the outer one then
 * leaves those out and goes on with the others. In a batch of chat messages a third of all steps would otherwise be made for
 * rows that have ended already.
 *
 * Takes `starts` and `forced` int64 (rows, 1), the token that a row begins with and the one that must follow (-1: any), `limits`
 * and `max_steps`, and the constants of fuse.ts; gives `sequences`, `total` and `count`.
 */
export function greedyLoop(step: DecoderStep): NodeProto[] {
  return [
    node("Shape", ["starts"], ["starts_shape"]),
    node("Gather", ["starts_shape", "nought"], ["row_count"]),
    node("Range", ["nought", "row_count", "one"], ["every_row"]),
    node("Less", ["starts", "nought"], ["none_ended"]),
    node("Cast", ["none_ended"], ["no_sum"], { to: types.float }),
    // A token that is forced is none of the translation's.
    node("GreaterOrEqual", ["forced", "nought"], ["is_forced"]),
    node("Cast", ["is_forced"], ["forced_number"], { to: types.int64 }),
    node("Neg", ["forced_number"], ["first_number"]),
    node("Unsqueeze", ["row_count", "axis_0"], ["height"]),
    node("Concat", ["height", "no_past"], ["past_shape"], { axis: 0 }),
    node("ConstantOfShape", ["past_shape"], ["first_past_float"]),
    node("Cast", ["first_past_float"], ["first_past"], { to: step.elementType }),
    node("Concat", ["height", "axis_0"], ["no_tokens_shape"], { axis: 0 }),
    node("Expand", ["pad", "no_tokens_shape"], ["no_tokens"]),
    node(
      "Loop",
      [
        ...["", "yes", "every_row", "starts", "forced", "none_ended", "limits"],
        ...step.ofSource.map(({ around }) => around),
        ...step.own.map(() => "first_past"),
        ...["no_sum", "first_number", "no_tokens"],
      ],
      [
        ...["last/row", "last/token", "last/forced", "last/ended", "last/limit"],
        ...step.ofSource.map(({ name }) => `last/${name}`),
        ...step.own.map(({ name }) => `last/past/${name}`),
        ...["total", "count", "sequences"],
      ],
      { body: unendedRows(step) },
    ),
  ];
}

/** Leaves out the rows that have ended, then makes tokens for the others until half of them have. */
function unendedRows(step: DecoderStep): GraphProto {
  const own = step.own.map(({ name }) => name);
  const stepwise = ["token", "forced", "ended", "sum", "number", ...own.map((name) => `past/${name}`)];
  const states = [
    { name: "row", elementType: types.int64, shape: ["rows"] },
    { name: "token", elementType: types.int64, shape: ["rows", 1] },
    { name: "forced", elementType: types.int64, shape: ["rows", 1] },
    { name: "ended", elementType: types.bool, shape: ["rows", 1] },
    { name: "limit", elementType: types.int64, shape: ["rows", 1] },
    ...step.ofSource,
    ...own.map((name) => ({ name: `past/${name}`, elementType: step.elementType, shape: pastShape(step, "length") })),
  ];
  const after = (name: string) => (stepwise.includes(name) ? `then/${name}` : `live/${name}`);
  return graph({
    name: "unended_rows",
    nodes: [
      node("Not", ["held/ended"], ["held/unended"]),
      node("Squeeze", ["held/unended", "axis_1"], ["held/unended_row"]),
      node("NonZero", ["held/unended_row"], ["held/kept_row"]),
      node("Squeeze", ["held/kept_row", "axis_0"], ["kept"]),
      ...states.map(({ name }) => node("Gather", [`held/${name}`, "kept"], [`live/${name}`], { axis: 0 })),
      node("Gather", ["held/total", "live/row"], ["live/sum"], { axis: 0 }),
      node("Gather", ["held/count", "live/row"], ["live/number"], { axis: 0 }),
      node("Size", ["kept"], ["kept_number"]),
      node("Div", ["kept_number", "two"], ["half"]),
      ...step.oncePerRound,
      node(
        "Loop",
        // It runs once at least: a loop that does not run would not know the shape of what it emits.
        ["max_steps", "yes", ...stepwise.map((name) => `live/${name}`)],
        [...stepwise.map((name) => `then/${name}`), "emitted_by_step"],
        { body: oneToken(step) },
      ),
      node("Unsqueeze", ["live/row", "axis_1"], ["place"]),
      node("ScatterND", ["held/total", "place", "then/sum"], ["then/total"]),
      node("ScatterND", ["held/count", "place", "then/number"], ["then/count"]),
      node("Transpose", ["emitted_by_step"], ["emitted_by_row"], { perm: [1, 0] }),
      node("Shape", ["emitted_by_step"], ["steps_by_rows"]),
      node("Gather", ["steps_by_rows", "axis_0"], ["steps"]),
      node("Concat", ["height", "steps"], ["size"], { axis: 0 }),
      node("Expand", ["pad", "size"], ["blank"]),
      node("ScatterND", ["blank", "place", "emitted_by_row"], ["added_tokens"]),
      node("Concat", ["held/sequences", "added_tokens"], ["then/sequences"], { axis: 1 }),
      node("Not", ["then/ended"], ["then/unended"]),
      node("Cast", ["then/unended"], ["then/unended_numbers"], { to: types.int64 }),
      node("ReduceSum", ["then/unended_numbers"], ["then/unended_number"], { keepdims: 0 }),
      node("Greater", ["then/unended_number", "nought"], ["then/go_on"]),
    ],
    inputs: [
      value("round", types.int64, []),
      value("round_condition", types.bool, []),
      ...states.map(({ name, elementType, shape }) => value(`held/${name}`, elementType, shape)),
      value("held/total", types.float, ["all", 1]),
      value("held/count", types.int64, ["all", 1]),
      value("held/sequences", types.int64, ["all", "tokens"]),
    ],
    outputs: [
      value("then/go_on", types.bool, []),
      ...states.map(({ name, elementType, shape }) => value(after(name), elementType, ["kept", ...shape.slice(1)])),
      value("then/total", types.float, ["all", 1]),
      value("then/count", types.int64, ["all", 1]),
      value("then/sequences", types.int64, ["all", "more_tokens"]),
    ],
  });
}

/** The next token of each row. A row that has ended goes on with padding: it still shares the batch's scales of quantisation. */
function oneToken(step: DecoderStep): GraphProto {
  return graph({
    name: "one_token",
    nodes: [
      ...step.nodes,
      node("Squeeze", [step.logits, "axis_1"], ["last"]),
      node("Cast", ["last"], ["logits"], { to: types.float }),
      // ONNX Runtime computes these six times as fast as ArgMax and ReduceLogSumExp.
      node("TopK", ["logits", "axis_1"], ["highest", "likeliest"], { axis: 1 }),
      node("Softmax", ["logits"], ["probabilities"], { axis: 1 }),
      node("GatherElements", ["probabilities", "likeliest"], ["probability"], { axis: 1 }),
      node("Log", ["probability"], ["log_probability"]),
      node("GreaterOrEqual", ["forced", "nought"], ["must"]),
      node("Where", ["must", "forced", "likeliest"], ["best"]),
      node("Or", ["must", "ended"], ["of_no_account"]),
      node("Where", ["ended", "pad", "best"], ["next_token"]),
      node("Where", ["of_no_account", "zero", "log_probability"], ["added"]),
      node("Add", ["sum", "added"], ["next_sum"]),
      node("Not", ["ended"], ["unended"]),
      node("Cast", ["unended"], ["unended_number"], { to: types.int64 }),
      node("Add", ["number", "unended_number"], ["next_number"]),
      node("Equal", ["next_token", "eos"], ["is_end"]),
      node("GreaterOrEqual", ["next_number", "live/limit"], ["is_full"]),
      node("Or", ["is_end", "is_full"], ["ends_now"]),
      node("Or", ["ended", "ends_now"], ["next_ended"]),
      node("Where", ["next_ended", "pad", "next_token"], ["fed"]),
      node("Where", ["must", "any_token", "forced"], ["next_forced"]),
      node("Not", ["next_ended"], ["next_unended"]),
      node("Cast", ["next_unended"], ["next_unended_number"], { to: types.int64 }),
      node("ReduceSum", ["next_unended_number"], ["unended_rows_number"], { keepdims: 0 }),
      node("Greater", ["unended_rows_number", "half"], ["go_on"]),
      node("Squeeze", ["next_token", "axis_1"], ["emitted"]),
    ],
    inputs: [
      value("iteration", types.int64, []),
      value("condition", types.bool, []),
      value("token", types.int64, ["kept", 1]),
      value("forced", types.int64, ["kept", 1]),
      value("ended", types.bool, ["kept", 1]),
      value("sum", types.float, ["kept", 1]),
      value("number", types.int64, ["kept", 1]),
      ...step.own.map(({ name }) => value(`past/${name}`, step.elementType, pastShape(step, "past"))),
    ],
    outputs: [
      value("go_on", types.bool, []),
      value("fed", types.int64, ["kept", 1]),
      value("next_forced", types.int64, ["kept", 1]),
      value("next_ended", types.bool, ["kept", 1]),
      value("next_sum", types.float, ["kept", 1]),
      value("next_number", types.int64, ["kept", 1]),
      ...step.own.map(({ after }) => value(after, step.elementType, pastShape(step, "present"))),
      value("emitted", types.int64, ["kept"]),
    ],
    initializers: step.weights,
  });
}

const pastShape = ({ heads, headSize }: DecoderStep, length: string) => ["rows", heads, length, headSize];
