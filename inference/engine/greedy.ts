import type { GraphProto, NodeProto } from "../../proto/gen/onnx/onnx_pb.js";
import { graph, node, types, value } from "./onnx/graph.ts";
import { type DecoderStep, nothingYet, ofForcedTokens, pastShape, rowsOfBatch } from "./step.ts";

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
    ...rowsOfBatch,
    node("Less", ["starts", "nought"], ["none_ended"]),
    ...ofForcedTokens,
    ...nothingYet(step, "row_count"),
    node("Expand", ["zero", "no_tokens_shape"], ["no_probabilities"]),
    node(
      "Loop",
      [
        ...["", "yes", "every_row", "starts", "forced", "is_forced", "none_ended", "last_places"],
        ...step.ofSource.map(({ around }) => around),
        ...step.own.map(() => "first_past"),
        ...["nought", "no_tokens", "no_probabilities"],
      ],
      [
        ...["last/row", "last/token", "last/forced", "last/must", "last/ended", "last/last_place"],
        ...step.ofSource.map(({ name }) => `last/${name}`),
        ...step.own.map(({ name }) => `last/past/${name}`),
        ...["last/made", "tokens", "probabilities"],
      ],
      { body: unendedRows(step) },
    ),
    node("GreaterOrEqual", ["tokens", "nought"], ["is_token"]),
    node("Where", ["is_token", "tokens", "pad"], ["sequences"]),
    node("Range", ["nought", "last/made", "one"], ["places"]),
    node("GreaterOrEqual", ["places", "forced_number"], ["is_chosen"]),
    node("And", ["is_token", "is_chosen"], ["counts"]),
    node("Cast", ["counts"], ["counted"], { to: types.int64 }),
    node("ReduceSum", ["counted", "axis_1"], ["count"]),
    node("Log", ["probabilities"], ["log_probabilities"]),
    node("Where", ["counts", "log_probabilities", "zero"], ["of_tokens"]),
    node("ReduceSum", ["of_tokens", "axis_1"], ["total"]),
  ];
}

/** Leaves out the rows that have ended, then makes tokens for the others until half of them have. */
function unendedRows(step: DecoderStep): GraphProto {
  const own = step.own.map(({ name }) => name);
  const stepwise = ["token", "must", "ended", ...own.map((name) => `past/${name}`)];
  const states = [
    { name: "row", elementType: types.int64, shape: ["rows"] },
    { name: "token", elementType: types.int64, shape: ["rows", 1] },
    { name: "forced", elementType: types.int64, shape: ["rows", 1] },
    { name: "must", elementType: types.bool, shape: ["rows", 1] },
    { name: "ended", elementType: types.bool, shape: ["rows", 1] },
    { name: "last_place", elementType: types.int64, shape: ["rows", 1] },
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
      node("Size", ["kept"], ["kept_number"]),
      node("Add", ["kept_number", "one"], ["more_than_kept"]),
      node("Div", ["more_than_kept", "two"], ["half"]),
      ...step.oncePerRound,
      node(
        "Loop",
        // It runs once at least: a loop that does not run would not know the shape of what it emits.
        ["max_steps", "yes", ...stepwise.map((name) => `live/${name}`)],
        [...stepwise.map((name) => `then/${name}`), "tokens_by_step", "probabilities_by_step"],
        { body: oneToken(step) },
      ),
      node("Unsqueeze", ["live/row", "axis_1"], ["row_places"]),
      node("Shape", ["tokens_by_step"], ["steps_by_rows"]),
      node("Gather", ["steps_by_rows", "axis_0"], ["steps"]),
      node("Gather", ["steps_by_rows", "nought"], ["steps_number"]),
      node("Add", ["held/made", "steps_number"], ["then/made"]),
      node("Concat", ["height", "steps"], ["size"], { axis: 0 }),
      ...byRow("tokens", "any_token"),
      ...byRow("probabilities", "zero"),
      node("Not", ["then/ended"], ["then/unended"]),
      node("Cast", ["then/unended"], ["then/unended_numbers"], { to: types.int64 }),
      node("ReduceSum", ["then/unended_numbers"], ["then/unended_number"], { keepdims: 0 }),
      node("Greater", ["then/unended_number", "nought"], ["then/go_on"]),
    ],
    inputs: [
      value("round", types.int64, []),
      value("round_condition", types.bool, []),
      ...states.map(({ name, elementType, shape }) => value(`held/${name}`, elementType, shape)),
      value("held/made", types.int64, []),
      value("held/tokens", types.int64, ["all", "made"]),
      value("held/probabilities", types.float, ["all", "made"]),
    ],
    outputs: [
      value("then/go_on", types.bool, []),
      ...states.map(({ name, elementType, shape }) => value(after(name), elementType, ["kept", ...shape.slice(1)])),
      value("then/made", types.int64, []),
      value("then/tokens", types.int64, ["all", "made_then"]),
      value("then/probabilities", types.float, ["all", "made_then"]),
    ],
  });
}

/** Puts what a round's steps gave behind what there was, a row for each row of the batch; `blank` where none took part. */
function byRow(name: string, blank: string): NodeProto[] {
  return [
    node("Squeeze", [`${name}_by_step`, "axis_2"], [`${name}/steps`]),
    node("Transpose", [`${name}/steps`], [`${name}/rows`], { perm: [1, 0] }),
    node("Expand", [blank, "size"], [`${name}/blank`]),
    node("ScatterND", [`${name}/blank`, "row_places", `${name}/rows`], [`${name}/added`]),
    node("Concat", [`held/${name}`, `${name}/added`], [`then/${name}`], { axis: 1 }),
  ];
}

/**
 * The next token of each row, as short as it can be: nodes this small cost more to come to than to compute. A row that has ended
 * emits -1 and goes on with padding: it still shares the batch's scales of quantisation.
 */
function oneToken(step: DecoderStep): GraphProto {
  return graph({
    name: "one_token",
    nodes: [
      ...step.nodes,
      node("Squeeze", [step.logits, "axis_1"], ["last"]),
      node("Cast", ["last"], ["logits"], { to: types.float }),
      // ONNX Runtime computes these six times as fast as ReduceLogSumExp and ArgMax.
      node("Softmax", ["logits"], ["probabilities_of_all"], { axis: 1 }),
      node("TopK", ["probabilities_of_all", "axis_1"], ["probability", "likeliest"], { axis: 1 }),
      node("Where", ["must", "live/forced", "likeliest"], ["best"]),
      node("Where", ["ended", "any_token", "best"], ["emitted"]),
      node("Where", ["ended", "pad", "best"], ["fed"]),
      node("Equal", ["emitted", "eos"], ["is_end"]),
      node("Add", ["held/made", "iteration"], ["place"]),
      node("GreaterOrEqual", ["place", "live/last_place"], ["is_full"]),
      node("Or", ["is_end", "is_full"], ["ends_now"]),
      node("Or", ["ended", "ends_now"], ["next_ended"]),
      node("And", ["must", "no"], ["next_must"]),
      node("Cast", ["next_ended"], ["next_ended_number"], { to: types.int64 }),
      node("ReduceSum", ["next_ended_number"], ["ended_rows_number"], { keepdims: 0 }),
      node("Less", ["ended_rows_number", "half"], ["go_on"]),
    ],
    inputs: [
      value("iteration", types.int64, []),
      value("condition", types.bool, []),
      value("token", types.int64, ["kept", 1]),
      value("must", types.bool, ["kept", 1]),
      value("ended", types.bool, ["kept", 1]),
      ...step.own.map(({ name }) => value(`past/${name}`, step.elementType, pastShape(step, "past"))),
    ],
    outputs: [
      value("go_on", types.bool, []),
      value("fed", types.int64, ["kept", 1]),
      value("next_must", types.bool, ["kept", 1]),
      value("next_ended", types.bool, ["kept", 1]),
      ...step.own.map(({ after }) => value(after, step.elementType, pastShape(step, "present"))),
      value("emitted", types.int64, ["kept", 1]),
      value("probability", types.float, ["kept", 1]),
    ],
    initializers: step.weights,
  });
}
