import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type NodeProto, OperatorSetIdProtoSchema } from "../../proto/gen/onnx/onnx_pb.js";
import { type ExportedModel, FusionError } from "./exported.ts";
import type { EngineModel } from "./messages.ts";
import { absorb, constant, graph, node, prune, types, value, withInputs } from "./onnx/graph.ts";
import { referTo, shareWeights } from "./weights.ts";

/**
 * Puts encoder, first decoder step and the greedy loop over the decoder into one graph, so that a batch is translated by one
 * `run`: only token ids go in and come out, keys and values never leave the runtime. Made from an Optimum export at load
 * time, of standard ONNX operators; the weights stay in the export's files, which the graph refers to.
 *
 * Inputs: `input_ids` and `attention_mask` int64 (batch, source), `limits` int64 (batch, 1), `max_steps` int64 scalar, and
 * `forced_bos` int64 (batch, 1) for a family whose translations start with their language. Outputs: `sequences` int64
 * (batch, steps), padded after a row's end; `total` float (batch, 1), the sum of the log-probabilities of a row's tokens;
 * `count` int64 (batch, 1), their number, end included.
 *
 * @throws FusionError when the parts cannot be joined
 */
export function fuseGreedy(parts: ExportedModel, model: EngineModel): Uint8Array {
  const { elementType, irVersion } = parts;
  const opset = parts.opsets.get("") ?? 0n;
  const choose = chooseIn(opset);

  // Both branches of a merged decoder take their weights from the graph around them.
  const outer = (name: string) => `decoder/${name}`;
  const encoder = absorb(parts.encoder, "encoder/", { input_ids: "input_ids", attention_mask: "attention_mask" });
  const ofSource = {
    encoder_attention_mask: "attention_mask",
    encoder_hidden_states: encoder.rename("last_hidden_state"),
  };
  const shared = absorb(parts.around, "decoder/", ofSource);
  const first = absorb(parts.first, "first/", { input_ids: "prompt", ...ofSource }, outer);
  const layers = Array.from({ length: model.layers }, (_, layer) => layer);
  const own = layers.flatMap((layer) => [`${layer}.decoder.key`, `${layer}.decoder.value`]);
  const cross = layers.flatMap((layer) => [`${layer}.encoder.key`, `${layer}.encoder.value`]);
  const step = absorb(
    parts.next,
    "step/",
    {
      input_ids: "token",
      ...ofSource,
      ...Object.fromEntries(own.map((name) => [`past_key_values.${name}`, `past.${name}`])),
      // Of the source, and so the same in every step.
      ...Object.fromEntries(cross.map((name) => [`past_key_values.${name}`, first.rename(`present.${name}`)])),
    },
    outer,
  );
  const { tensors, nameOf } = shareWeights([encoder, shared, first, step].flatMap(({ initializers }) => initializers));

  const batch = "batch";
  const pastShape = (length: string) => [batch, model.heads, length, model.headSize];
  const body = graph({
    name: "one_token",
    nodes: [
      ...withInputs(
        prune(step.nodes, [step.rename("logits"), ...own.map((name) => step.rename(`present.${name}`))]),
        nameOf,
      ),
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
      ...own.map((name) => value(`past.${name}`, elementType, pastShape("past"))),
    ],
    outputs: [
      value("go_on", types.bool, []),
      value("fed", types.int64, [batch, 1]),
      value("next_finished", types.bool, [batch, 1]),
      value("next_sum", types.float, [batch, 1]),
      value("next_number", types.int64, [batch, 1]),
      ...own.map((name) => value(step.rename(`present.${name}`), elementType, pastShape("present"))),
      value("emitted", types.int64, [batch]),
    ],
  });

  const main = graph({
    name: "translate",
    nodes: [
      ...withInputs([...encoder.nodes, ...shared.nodes], nameOf),
      node("Mul", ["limits", "nought"], ["noughts"]),
      node("Add", ["noughts", "start"], ["starts"]),
      ...(model.startsWithLanguage
        ? [node("Concat", ["starts", "forced_bos"], ["prompt"], { axis: 1 })]
        : [node("Identity", ["starts"], ["prompt"])]),
      ...withInputs(first.nodes, nameOf),
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
      ...(model.startsWithLanguage ? [value("forced_bos", types.int64, [batch, 1])] : []),
      value("limits", types.int64, [batch, 1]),
      value("max_steps", types.int64, []),
    ],
    outputs: [
      value("sequences", types.int64, [batch, "steps"]),
      value("total", types.float, [batch, 1]),
      value("count", types.int64, [batch, 1]),
    ],
    initializers: [
      ...tensors.map((tensor) => referTo(parts.files, tensor)),
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
  const opsetImport = Array.from(parts.opsets, ([domain, version]) =>
    create(OperatorSetIdProtoSchema, { domain, version }),
  );
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion, opsetImport, producerName: "meeshy", graph: main }),
  );
}

/** The likeliest token after the last position, and the logarithm of its probability, in operators of that set. */
const chooseIn = (opset: bigint) => {
  if (opset < 13n) throw new FusionError(`Operator set ${opset} is too old; export the model with set 13 or later.`);
  // From set 18 on the axes of a reduction are an input.
  const reduce = (opType: string, input: string, output: string) =>
    opset < 18n
      ? node(opType, [input], [output], { axes: [1], keepdims: 1 })
      : node(opType, [input, "axis_1"], [output], { keepdims: 1 });
  return (logits: string, prefix: string): NodeProto[] => [
    node("Gather", [logits, "last_position"], [`${prefix}/last`], { axis: 1 }),
    node("Cast", [`${prefix}/last`], [`${prefix}/logits`], { to: types.float }),
    node("ArgMax", [`${prefix}/logits`], [`${prefix}/best`], { axis: 1, keepdims: 1 }),
    reduce("ReduceMax", `${prefix}/logits`, `${prefix}/highest`),
    reduce("ReduceLogSumExp", `${prefix}/logits`, `${prefix}/all`),
    node("Sub", [`${prefix}/highest`, `${prefix}/all`], [`${prefix}/log_probability`]),
  ];
};

/** Whether a row ends with this token: it is the end, or the row may have no more. */
const ended = (token: string, number: string, prefix: string): NodeProto[] => [
  node("Equal", [token, "eos"], [`${prefix}/is_end`]),
  node("GreaterOrEqual", [number, "limits"], [`${prefix}/is_full`]),
  node("Or", [`${prefix}/is_end`, `${prefix}/is_full`], [`${prefix}/ended`]),
];
