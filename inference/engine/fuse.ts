import { create, toBinary } from "@bufbuild/protobuf";
import { AttributeType, type GraphProto, ModelProtoSchema, type NodeProto } from "../../proto/gen/onnx/onnx_pb.js";
import type { EngineModel } from "./messages.ts";
import { absorb, constant, graph, node, parseModel, prune, types, value } from "./onnx/graph.ts";

/**
 * Puts encoder, first decoder step and the greedy loop over the decoder into one graph, so that a batch is translated by one
 * `run`: only token ids go in and come out, keys and values never leave the runtime. Made from an Optimum export (encoder and
 * merged decoder) at load time, of standard ONNX operators.
 *
 * Inputs: `input_ids` and `attention_mask` int64 (batch, source), `forced_bos` and `limits` int64 (batch, 1), `max_steps` int64
 * scalar. Outputs: `sequences` int64 (batch, steps), padded after a row's end; `total` float (batch, 1), the sum of the
 * log-probabilities of a row's tokens; `count` int64 (batch, 1), their number, end included.
 *
 * @throws Error when the files are not laid out as such an export
 */
export function fuseGreedy(
  files: { readonly encoder: Uint8Array; readonly decoder: Uint8Array },
  model: EngineModel,
): Uint8Array {
  const encoderModel = parseModel(files.encoder);
  const decoderModel = parseModel(files.decoder);
  const [encoderGraph, decoderGraph] = [encoderModel.graph, decoderModel.graph];
  if (encoderGraph === undefined || decoderGraph === undefined) throw new Error("A model file holds no graph.");
  const { withPast, withoutPast } = branches(decoderGraph);

  // Both branches take their weights from the graph around them.
  const weights = (name: string) => `decoder/${name}`;
  const encoder = absorb(encoderGraph, "encoder/", { input_ids: "input_ids", attention_mask: "attention_mask" });
  const first = absorb(
    withoutPast,
    "first/",
    {
      input_ids: "prompt",
      encoder_attention_mask: "attention_mask",
      encoder_hidden_states: encoder.rename("last_hidden_state"),
    },
    weights,
  );
  const layers = Array.from({ length: model.layers }, (_, layer) => layer);
  const own = layers.flatMap((layer) => [`${layer}.decoder.key`, `${layer}.decoder.value`]);
  const cross = layers.flatMap((layer) => [`${layer}.encoder.key`, `${layer}.encoder.value`]);
  const step = absorb(
    withPast,
    "step/",
    {
      input_ids: "token",
      encoder_attention_mask: "attention_mask",
      encoder_hidden_states: encoder.rename("last_hidden_state"),
      ...Object.fromEntries(own.map((name) => [`past_key_values.${name}`, `past.${name}`])),
      // Of the source, and so the same in every step.
      ...Object.fromEntries(cross.map((name) => [`past_key_values.${name}`, first.rename(`present.${name}`)])),
    },
    weights,
  );

  const batch = "batch";
  const pastShape = (length: string) => [batch, model.heads, length, model.headSize];
  const body = graph({
    name: "one_token",
    nodes: [
      ...prune(step.nodes, [step.rename("logits"), ...own.map((name) => step.rename(`present.${name}`))]),
      ...choose(step.rename("logits"), "next"),
      node("Where", ["finished", "pad", "next/best"], ["next_token"]),
      node("Where", ["finished", "zero", "next/log_probability"], ["added"]),
      node("Add", ["sum", "added"], ["next_sum"]),
      node("Not", ["finished"], ["live"]),
      node("Cast", ["live"], ["live_number"], { to: types.int64 }),
      node("Add", ["number", "live_number"], ["next_number"]),
      ...ended("next_token", "next_number", "now"),
      node("Or", ["finished", "now/ended"], ["next_finished"]),
      // A row that has ended goes on with padding: what it holds then still shares the batch's scales of quantisation.
      node("Where", ["next_finished", "pad", "next_token"], ["fed"]),
      node("Cast", ["next_finished"], ["finished_number"], { to: types.int32 }),
      node("ReduceMin", ["finished_number"], ["all_finished_number"], { keepdims: 0 }),
      node("Cast", ["all_finished_number"], ["all_finished"], { to: types.bool }),
      node("Not", ["all_finished"], ["go_on"]),
      node("Squeeze", ["next_token", "axis_1"], ["emitted"]),
    ],
    inputs: [
      value("iteration", types.int64, []),
      value("condition", types.bool, []),
      value("token", types.int64, [batch, 1]),
      value("finished", types.bool, [batch, 1]),
      value("sum", types.float, [batch, 1]),
      value("number", types.int64, [batch, 1]),
      ...own.map((name) => value(`past.${name}`, types.float, pastShape("past"))),
    ],
    outputs: [
      value("go_on", types.bool, []),
      value("fed", types.int64, [batch, 1]),
      value("next_finished", types.bool, [batch, 1]),
      value("next_sum", types.float, [batch, 1]),
      value("next_number", types.int64, [batch, 1]),
      ...own.map((name) => value(step.rename(`present.${name}`), types.float, pastShape("present"))),
      value("emitted", types.int64, [batch]),
    ],
    initializers: step.initializers,
  });

  const main = graph({
    name: "translate",
    nodes: [
      ...encoder.nodes,
      node("Mul", ["forced_bos", "nought"], ["noughts"]),
      node("Add", ["noughts", "start"], ["starts"]),
      node("Concat", ["starts", "forced_bos"], ["prompt"], { axis: 1 }),
      ...first.nodes,
      ...choose(first.rename("logits"), "first_choice"),
      node("Add", ["noughts", "one"], ["ones"]),
      ...ended("first_choice/best", "ones", "at_first"),
      node("Where", ["at_first/ended", "pad", "first_choice/best"], ["first_fed"]),
      node(
        "Loop",
        // It runs once at least: a loop that does not run would not know the shape of what it emits.
        [
          "max_steps",
          "yes",
          "first_fed",
          "at_first/ended",
          "first_choice/log_probability",
          "ones",
          ...own.map((name) => first.rename(`present.${name}`)),
        ],
        ["last", "finished_rows", "total", "count", ...own.map((name) => `last.${name}`), "emitted_by_step"],
        { body },
      ),
      node("Transpose", ["emitted_by_step"], ["emitted_by_row"], { perm: [1, 0] }),
      node("Concat", ["first_choice/best", "emitted_by_row"], ["sequences"], { axis: 1 }),
    ],
    inputs: [
      value("input_ids", types.int64, [batch, "source"]),
      value("attention_mask", types.int64, [batch, "source"]),
      value("forced_bos", types.int64, [batch, 1]),
      value("limits", types.int64, [batch, 1]),
      value("max_steps", types.int64, []),
    ],
    outputs: [
      value("sequences", types.int64, [batch, "steps"]),
      value("total", types.float, [batch, 1]),
      value("count", types.int64, [batch, 1]),
    ],
    initializers: [
      ...encoder.initializers,
      ...decoderGraph.initializer.map((tensor) => ({ ...tensor, name: weights(tensor.name) })),
      ...first.initializers,
      constant("eos", "int64", model.eos),
      constant("pad", "int64", model.pad),
      constant("start", "int64", model.decoderStart),
      constant("nought", "int64", 0),
      constant("one", "int64", 1),
      constant("last_position", "int64", -1),
      constant("axis_1", "int64", [1]),
      constant("zero", "float", 0),
      constant("yes", "bool", 1),
    ],
  });
  const { irVersion, opsetImport } = decoderModel;
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion, opsetImport, producerName: "meeshy", graph: main }),
  );
}

/** The likeliest token after the last position, and the logarithm of its probability. */
const choose = (logits: string, prefix: string): NodeProto[] => [
  node("Gather", [logits, "last_position"], [`${prefix}/logits`], { axis: 1 }),
  node("ArgMax", [`${prefix}/logits`], [`${prefix}/best`], { axis: 1, keepdims: 1 }),
  node("ReduceMax", [`${prefix}/logits`], [`${prefix}/highest`], { axes: [1], keepdims: 1 }),
  node("ReduceLogSumExp", [`${prefix}/logits`], [`${prefix}/all`], { axes: [1], keepdims: 1 }),
  node("Sub", [`${prefix}/highest`, `${prefix}/all`], [`${prefix}/log_probability`]),
];

/** Whether a row ends with this token: it is the end, or the row may have no more. */
const ended = (token: string, number: string, prefix: string): NodeProto[] => [
  node("Equal", [token, "eos"], [`${prefix}/is_end`]),
  node("GreaterOrEqual", [number, "limits"], [`${prefix}/is_full`]),
  node("Or", [`${prefix}/is_end`, `${prefix}/is_full`], [`${prefix}/ended`]),
];

/** The two halves of Optimum's merged decoder: one `If` that asks whether there is a past. */
function branches(decoder: GraphProto): { readonly withPast: GraphProto; readonly withoutPast: GraphProto } {
  const conditional = decoder.node.find(({ opType }) => opType === "If");
  const branch = (name: string) =>
    conditional?.attribute.find((one) => one.type === AttributeType.GRAPH && one.name === name)?.g;
  const [withPast, withoutPast] = [branch("then_branch"), branch("else_branch")];
  if (withPast === undefined || withoutPast === undefined) {
    throw new Error("The decoder is not Optimum's merged one: it has no If with two branches.");
  }
  return { withPast, withoutPast };
}
