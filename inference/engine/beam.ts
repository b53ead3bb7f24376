import type { NodeProto } from "../../proto/gen/onnx/onnx_pb.js";
import { constant, constantNode, graph, node, types, value } from "./onnx/graph.ts";
import { type DecoderStep, nothingYet, ofForcedTokens, pastShape, rowsOfBatch } from "./step.ts";

/** Stands for the logarithm of a probability of nought: less than any translation has. */
const never = -1e9;

/**
 * Beam search in one loop. Each row goes on as several translations at a time, its beams; every step keeps the likeliest of all
 * that they may become. A row ends when its likeliest has, and that is what it gives; length is neither rewarded nor punished.
 *
 * Takes and gives what greedyLoop does.
 */
export function beamLoop(step: DecoderStep, beams: number): NodeProto[] {
  const own = step.own.map(({ name }) => name);
  const numbers = (name: string, ...list: number[]) => constantNode(name, constant(name, "int64", list));
  const states = ["token", "must", "ended", "score", "number", ...own.map((name) => `past/${name}`), "tokens"];
  return [
    constantNode("beams", constant("beams", "int64", beams)),
    constantNode("choices", constant("choices", "int64", beams * beams)),
    constantNode("never", constant("never", "float", never)),
    ...rowsOfBatch,
    node("Mul", ["row_count", "beams"], ["beam_count"]),
    node("Range", ["nought", "beam_count", "one"], ["every_beam"]),
    node("Div", ["every_beam", "beams"], ["row_of_beam"]),
    ...step.ofSource.map(({ name, around }) => node("Gather", [around, "row_of_beam"], [`live/${name}`], { axis: 0 })),
    node("Gather", ["starts", "row_of_beam"], ["live/token"], { axis: 0 }),
    ...step.oncePerRound,
    // All beams of a row begin alike: only the first counts until they differ.
    node("Mul", ["every_row", "beams"], ["first_beams"]),
    node("Gather", ["first_beams", "row_of_beam"], ["first_of_beam"], { axis: 0 }),
    node("Equal", ["every_beam", "first_of_beam"], ["is_first"]),
    node("Where", ["is_first", "zero", "never"], ["first_scores_row"]),
    node("Unsqueeze", ["first_scores_row", "axis_1"], ["first_scores"]),
    node("Less", ["live/token", "nought"], ["none_ended"]),
    node("Cast", ["none_ended"], ["no_numbers"], { to: types.int64 }),
    ...ofForcedTokens,
    node("Gather", ["last_places", "row_of_beam"], ["live/last_place"], { axis: 0 }),
    node("Gather", ["forced", "row_of_beam"], ["live/forced"], { axis: 0 }),
    node("Gather", ["is_forced", "row_of_beam"], ["live/must"], { axis: 0 }),
    node("Mul", ["every_row", "choices"], ["choices_before_row"]),
    node("Unsqueeze", ["choices_before_row", "axis_1"], ["choices_before"]),
    ...nothingYet(step, "beam_count"),
    node(
      "Loop",
      [
        ...["max_steps", "yes", "live/token", "live/must", "none_ended", "first_scores", "no_numbers"],
        ...own.map(() => "first_past"),
        "no_tokens",
      ],
      states.map((name) => `last/${name}`),
      {
        body: graph({
          name: "one_token_of_beams",
          nodes: [
            numbers("beams_list", beams),
            numbers("row_shape", -1, beams * beams),
            numbers("beams_shape", -1, beams),
            numbers("column_shape", -1, 1),
            numbers("list_shape", -1),
            constantNode("alone", constant("alone", "float", [0, ...Array<number>(beams - 1).fill(never)])),
            ...step.nodes,
            node("Squeeze", [step.logits, "axis_1"], ["last"]),
            node("Cast", ["last"], ["logits"], { to: types.float }),
            node("LogSoftmax", ["logits"], ["log_probabilities"], { axis: 1 }),
            node("TopK", ["log_probabilities", "beams_list"], ["likely", "likely_tokens"], { axis: 1 }),
            // What has ended goes on with padding alone, and a forced token is the only one: both for sure.
            node("Or", ["ended", "must"], ["is_settled"]),
            node("Where", ["is_settled", "alone", "likely"], ["added"]),
            node("Where", ["must", "live/forced", "likely_tokens"], ["wanted_tokens"]),
            node("Where", ["ended", "pad", "wanted_tokens"], ["next_tokens"]),
            node("Add", ["score", "added"], ["scores"]),
            node("Reshape", ["scores", "row_shape"], ["scores_of_row"]),
            node("TopK", ["scores_of_row", "beams_list"], ["best_scores", "best_places"], { axis: 1 }),
            node("Reshape", ["best_scores", "column_shape"], ["next_score"]),
            node("Add", ["best_places", "choices_before"], ["places_of_row"]),
            node("Reshape", ["places_of_row", "list_shape"], ["places"]),
            node("Div", ["places", "beams"], ["origin"]),
            node("Reshape", ["next_tokens", "list_shape"], ["tokens_to_choose"]),
            node("Gather", ["tokens_to_choose", "places"], ["chosen_row"], { axis: 0 }),
            node("Unsqueeze", ["chosen_row", "axis_1"], ["chosen"]),
            node("Gather", ["ended", "origin"], ["had_ended"], { axis: 0 }),
            node("Not", ["had_ended"], ["is_longer"]),
            node("Cast", ["is_longer"], ["one_longer"], { to: types.int64 }),
            node("Gather", ["number", "origin"], ["number_before"], { axis: 0 }),
            node("Add", ["number_before", "one_longer"], ["next_number"]),
            node("Equal", ["chosen", "eos"], ["is_end"]),
            node("GreaterOrEqual", ["iteration", "live/last_place"], ["is_full"]),
            node("Or", ["is_end", "is_full"], ["ends_now"]),
            node("Or", ["had_ended", "ends_now"], ["beam_ended"]),
            // Beams lie from the likeliest to the least likely.
            node("Reshape", ["beam_ended", "beams_shape"], ["ended_of_row"]),
            node("Gather", ["ended_of_row", "axis_0"], ["best_ended"], { axis: 1 }),
            node("Or", ["ended_of_row", "best_ended"], ["row_ended"]),
            node("Reshape", ["row_ended", "column_shape"], ["next_ended"]),
            node("And", ["must", "no"], ["next_must"]),
            ...step.own.map(({ name, after }) => node("Gather", [after, "origin"], [`next/${name}`], { axis: 0 })),
            node("Gather", ["tokens", "origin"], ["tokens_before"], { axis: 0 }),
            node("Concat", ["tokens_before", "chosen"], ["tokens_then"], { axis: 1 }),
            node("Not", ["next_ended"], ["unended"]),
            node("Cast", ["unended"], ["unended_numbers"], { to: types.int64 }),
            node("ReduceSum", ["unended_numbers"], ["unended_number"], { keepdims: 0 }),
            node("Greater", ["unended_number", "nought"], ["go_on"]),
          ],
          inputs: [
            value("iteration", types.int64, []),
            value("condition", types.bool, []),
            value("token", types.int64, ["beams", 1]),
            value("must", types.bool, ["beams", 1]),
            value("ended", types.bool, ["beams", 1]),
            value("score", types.float, ["beams", 1]),
            value("number", types.int64, ["beams", 1]),
            ...own.map((name) => value(`past/${name}`, step.elementType, pastShape(step, "past"))),
            value("tokens", types.int64, ["beams", "made"]),
          ],
          outputs: [
            value("go_on", types.bool, []),
            value("chosen", types.int64, ["beams", 1]),
            value("next_must", types.bool, ["beams", 1]),
            value("next_ended", types.bool, ["beams", 1]),
            value("next_score", types.float, ["beams", 1]),
            value("next_number", types.int64, ["beams", 1]),
            ...own.map((name) => value(`next/${name}`, step.elementType, pastShape(step, "present"))),
            value("tokens_then", types.int64, ["beams", "made_then"]),
          ],
          initializers: step.weights,
        }),
      },
    ),
    node("Gather", ["last/tokens", "first_beams"], ["sequences"], { axis: 0 }),
    node("Gather", ["last/score", "first_beams"], ["total"], { axis: 0 }),
    node("Gather", ["last/number", "first_beams"], ["all_number"], { axis: 0 }),
    node("Sub", ["all_number", "forced_number"], ["count"]),
  ];
}
