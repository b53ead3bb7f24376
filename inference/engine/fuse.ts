import { create, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type NodeProto, OperatorSetIdProtoSchema } from "../../proto/gen/onnx/onnx_pb.js";
import { beamLoop } from "./beam.ts";
import { type ExportedModel, FusionError } from "./exported.ts";
import { greedyLoop } from "./greedy.ts";
import type { EngineModel } from "./messages.ts";
import { absorb, constant, graph, hoist, node, prune, types, value, withInputs } from "./onnx/graph.ts";
import { inferKnown, type Known, knownOfTensor } from "./onnx/known.ts";
import { withScaledQueries } from "./onnx/queries.ts";
import { withFixedReshapes } from "./onnx/simplify.ts";
import { fixed, pastSize, rowsSize, sourceSize } from "./onnx/sizes.ts";
import { withoutZeroMasks } from "./onnx/zeros.ts";
import type { DecoderStep, SourceValue } from "./step.ts";
import { referTo, shareWeights } from "./weights.ts";

/**
 * Puts encoder and the greedy loop over the decoder's steps into one graph, so that a batch is translated by one `run`: only
 * token ids go in and come out, keys and values never leave the runtime. Made from an Optimum export at load time, of standard
 * ONNX operators; the weights stay in the export's files, which the graph refers to. Of the decoder's first step only the keys
 * and values of the source are taken; its tokens begin with a step like any other, whose past is empty.
 *
 * Inputs: `input_ids` and `attention_mask` int64 (batch, source), `forced` int64 (batch, 1), the token that a translation begins
 * with or -1, `limits` int64 (batch, 1), `max_steps` int64 scalar. Outputs: `sequences` int64 (batch, steps), the forced token
 * included, padded after a row's end; `total` float (batch, 1), the sum of the log-probabilities of a row's tokens, without the
 * forced one; `count` int64 (batch, 1), their number, end included.
 *
 * @throws FusionError when the parts cannot be joined
 */
export async function fuseGreedy(parts: ExportedModel, model: EngineModel): Promise<Uint8Array> {
  const { elementType, irVersion } = parts;
  const opset = parts.opsets.get("") ?? 0n;
  if (opset < 13n) throw new FusionError(`Operator set ${opset} is too old; export the model with set 13 or later.`);

  // Both branches of a merged decoder take their weights from the graph around them.
  const outer = (name: string) => `decoder/${name}`;
  const encoder = absorb(parts.encoder, "encoder/", { input_ids: "input_ids", attention_mask: "attention_mask" });
  const hidden = encoder.rename("last_hidden_state");
  const ofSource = { encoder_attention_mask: "attention_mask", encoder_hidden_states: hidden };
  const shared = absorb(parts.around, "decoder/", ofSource);
  const first = absorb(parts.first, "first/", { input_ids: "starts", ...ofSource }, outer);
  const layers = Array.from({ length: model.layers }, (_, layer) => layer);
  const own = layers.flatMap((layer) => [`${layer}.decoder.key`, `${layer}.decoder.value`]);
  const cross = layers.flatMap((layer) => [`${layer}.encoder.key`, `${layer}.encoder.value`]);
  const past = (names: readonly string[], prefix: string) =>
    Object.fromEntries(names.map((name) => [`past_key_values.${name}`, `${prefix}${name}`]));
  const step = absorb(
    parts.next,
    "step/",
    {
      input_ids: "token",
      encoder_attention_mask: "live/attention_mask",
      encoder_hidden_states: "live/hidden",
      ...past(own, "past/"),
      ...past(cross, "live/"),
    },
    outer,
  );
  const { tensors, nameOf } = shareWeights([encoder, shared, first, step].flatMap(({ initializers }) => initializers));
  const presents = own.map((name) => ({ name, after: step.rename(`present.${name}`) }));
  const logits = step.rename("logits");
  const wanted = [logits, ...presents.map(({ after }) => after)];
  const exported = withInputs(prune(step.nodes, wanted), nameOf);
  const shapeOfPast = [rowsSize, fixed(model.heads), pastSize, fixed(model.headSize)];
  const shapeOfCross = [rowsSize, fixed(model.heads), sourceSize, fixed(model.headSize)];
  const given = new Map<string, Known>([
    ...tensors.map((tensor) => [tensor.name, knownOfTensor(tensor)] as const),
    ["token", { shape: [rowsSize, fixed(1)] }],
    ["live/attention_mask", { shape: [rowsSize, sourceSize] }],
    ...own.map((name) => [`past/${name}`, { shape: shapeOfPast }] as const),
    ...cross.map((name) => [`live/${name}`, { shape: shapeOfCross }] as const),
  ]);
  const opsetImport = Array.from(parts.opsets, ([domain, version]) =>
    create(OperatorSetIdProtoSchema, { domain, version }),
  );
  const unmasked = await withoutZeroMasks(exported, inferKnown(exported, given), opsetImport);
  const reshaped = prune(withFixedReshapes(unmasked, inferKnown(unmasked, given)), wanted);
  const changing = ["token", ...own.map((name) => `past/${name}`)];
  const nodes = withScaledQueries(reshaped, inferKnown(reshaped, given), changing)
    // A step's tokens are one for each row: their shape is that of the tokens before the round, which does not change.
    .map((one) => (one.opType === "Shape" && one.input[0] === "token" ? { ...one, input: ["live/token"] } : one));
  const { inside, outside } = hoist(nodes, changing);

  const crossShape = ["rows", model.heads, "source", model.headSize];
  const sourceValues: readonly SourceValue[] = [
    { name: "attention_mask", around: "attention_mask", elementType: types.int64, shape: ["rows", "source"] },
    { name: "hidden", around: hidden, elementType, shape: ["rows", "source", "width"] },
    ...cross.map((name) => ({ name, around: first.rename(`present.${name}`), elementType, shape: crossShape })),
  ];
  const needed = inputsOf(nodes);
  const { inside: sharedOfSource } = hoist(shared.nodes, ["attention_mask", hidden]);
  if (sharedOfSource.some(({ output }) => output.some((name) => needed.has(name)))) {
    throw new FusionError(
      "The decoder's later steps take something of the source that is computed around its branches.",
    );
  }
  const ofStep = sourceValues.filter(({ name }) => needed.has(`live/${name}`));

  const around = ofStep.map((value) => value.around);
  const beforeLoop = withInputs([...encoder.nodes, ...shared.nodes, ...first.nodes], nameOf);
  const givenBefore = new Map<string, Known>([
    ...tensors.map((tensor) => [tensor.name, knownOfTensor(tensor)] as const),
    ["input_ids", { shape: [rowsSize, sourceSize] }],
    ["attention_mask", { shape: [rowsSize, sourceSize] }],
    ["starts", { shape: [rowsSize, fixed(1)] }],
  ]);
  // Without what computes shapes, nothing is left of the first step but the keys and values of the source.
  const before = prune(withFixedReshapes(beforeLoop, inferKnown(beforeLoop, givenBefore), "target/before/"), around);
  const neededAround = inputsOf([...before, ...outside]);
  const neededInside = inputsOf(inside);
  const referred = tensors.map((tensor) => referTo(parts.files, tensor));

  const loop = (step: DecoderStep) => (model.beams > 1 ? beamLoop(step, model.beams) : greedyLoop(step));
  const batch = "batch";
  const main = graph({
    name: "translate",
    nodes: [
      node("Mul", ["limits", "nought"], ["noughts"]),
      node("Add", ["noughts", "start"], ["starts"]),
      ...before,
      ...loop({
        nodes: inside,
        oncePerRound: outside,
        weights: referred.filter(({ name }) => neededInside.has(name) && !neededAround.has(name)),
        logits,
        own: presents,
        ofSource: ofStep,
        elementType,
        heads: model.heads,
        headSize: model.headSize,
      }),
    ],
    inputs: [
      value("input_ids", types.int64, [batch, "source"]),
      value("attention_mask", types.int64, [batch, "source"]),
      value("forced", types.int64, [batch, 1]),
      value("limits", types.int64, [batch, 1]),
      value("max_steps", types.int64, []),
    ],
    outputs: [
      value("sequences", types.int64, [batch, "steps"]),
      value("total", types.float, [batch, 1]),
      value("count", types.int64, [batch, 1]),
    ],
    initializers: [
      ...referred.filter(({ name }) => neededAround.has(name)),
      constant("eos", "int64", model.eos),
      constant("pad", "int64", model.pad),
      constant("start", "int64", model.decoderStart),
      constant("nought", "int64", 0),
      constant("one", "int64", 1),
      constant("two", "int64", 2),
      constant("any_token", "int64", -1),
      constant("axis_0", "int64", [0]),
      constant("axis_1", "int64", [1]),
      constant("axis_2", "int64", [2]),
      constant("no_past", "int64", [model.heads, 0, model.headSize]),
      constant("zero", "float", 0),
      constant("yes", "bool", 1),
      constant("no", "bool", 0),
    ],
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion, opsetImport, producerName: "meeshy", graph: main }),
  );
}

const inputsOf = (nodes: readonly NodeProto[]): ReadonlySet<string> => new Set(nodes.flatMap(({ input }) => input));
