import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { type NodeProto, OperatorSetIdProtoSchema } from "../../../proto/gen/onnx/onnx_pb.js";
import { constant, constantNode, hoist, node, prune } from "./graph.ts";
import { inferKnown, type Known } from "./known.ts";
import { withScaledQueries } from "./queries.ts";
import { withFixedReshapes } from "./simplify.ts";
import { fixed, pastSize, rowsSize, sum } from "./sizes.ts";
import { withoutZeroMasks } from "./zeros.ts";

const number = (name: string, value: number | number[]) => constantNode(name, constant(name, "int64", value));
const opsets = [create(OperatorSetIdProtoSchema, { domain: "", version: 17n })];
const given = new Map<string, Known>([
  ["states", { shape: [rowsSize, fixed(1), fixed(256)] }],
  ["past", { shape: [rowsSize, fixed(4), pastSize, fixed(64)] }],
]);

/** Splits the heads of `states` as exporters write it down: batch and length from its shape, then the numbers. */
const splitsHeads = [
  number("nought", 0),
  number("axis", [0]),
  number("heads", [4]),
  number("rest", [-1]),
  number("one", [1]),
  node("Shape", ["states"], ["shape"]),
  node("Gather", ["shape", "nought"], ["batch"]),
  node("Unsqueeze", ["batch", "axis"], ["batch_list"]),
  node("Concat", ["batch_list", "one", "heads", "rest"], ["target"], { axis: 0 }),
  node("Reshape", ["states", "target"], ["split"]),
];

describe("shapes that exporters compute", () => {
  it("are known before the graph runs", () => {
    const known = inferKnown(splitsHeads, given);
    expect(known.get("split")?.shape).toEqual([rowsSize, fixed(1), fixed(4), fixed(64)]);
  });

  it("are known of slices that take all of a dimension, or a part that is known", () => {
    const nodes = [
      number("nought", [0]),
      number("one", [1]),
      number("three", [3]),
      number("last", [-1]),
      number("two", 2),
      node("Shape", ["past"], ["shape"]),
      node("Gather", ["shape", "two"], ["length"]),
      node("Unsqueeze", ["length", "nought"], ["end"]),
      node("Slice", ["past", "nought", "end", "two"], ["whole"]),
      node("Slice", ["past", "one", "three", "one"], ["part"]),
      node("Slice", ["past", "one", "last", "one"], ["without_ends"]),
      node("Slice", ["past", "one", "end", "two"], ["rest"]),
      node("Slice", ["shape", "one", "three"], ["numbers"]),
      node("Slice", ["past", "one", "three", "unknown"], ["along_unknown"]),
      node("Slice", ["past", "one", "three", "one", "unknown"], ["by_unknown"]),
    ];
    const known = inferKnown(nodes, given);
    expect(known.get("whole")?.shape).toEqual([rowsSize, fixed(4), pastSize, fixed(64)]);
    expect(known.get("part")?.shape).toEqual([rowsSize, fixed(2), pastSize, fixed(64)]);
    expect(known.get("without_ends")?.shape).toEqual([rowsSize, fixed(2), pastSize, fixed(64)]);
    for (const name of ["rest", "along_unknown", "by_unknown"]) expect(known.get(name)?.shape).toBeUndefined();
    expect(known.get("numbers")).toEqual({ shape: [fixed(2)], content: [fixed(4), pastSize] });
  });

  it("become numbers, and what computed them goes", () => {
    const fixedOnes = withFixedReshapes(splitsHeads, inferKnown(splitsHeads, given));
    const left = prune(fixedOnes, ["split"]).filter(({ opType }) => opType !== "Constant");
    expect(left.map(({ opType }) => opType)).toEqual(["Reshape"]);
  });

  it("stay where two sizes are open and move", () => {
    const turned = [
      number("order", [2, 1, 0, 3]),
      node("Shape", ["past"], ["shape"]),
      node("Gather", ["shape", "order"], ["target"]),
      node("Reshape", ["past", "target"], ["turned"]),
    ];
    expect(withFixedReshapes(turned, inferKnown(turned, given))).toEqual(turned);
  });

  it("become numbers where of two open sizes one keeps its place", () => {
    const heads = [
      number("heads", [4]),
      number("rest", [-1]),
      number("first_two", [0, 1]),
      node("Shape", ["many"], ["shape"]),
      node("Gather", ["shape", "first_two"], ["rows_and_length"]),
      node("Concat", ["rows_and_length", "heads", "rest"], ["target"], { axis: 0 }),
      node("Reshape", ["many", "target"], ["split"]),
    ];
    const shapes = new Map([...given, ["many", { shape: [rowsSize, pastSize, fixed(256)] }] as const]);
    const left = prune(withFixedReshapes(heads, inferKnown(heads, shapes)), ["split"]);
    expect(left.map(({ opType, input }) => [opType, ...input])).toEqual([
      ["Constant"],
      ["Reshape", "many", "target/-1,0,4,64"],
    ]);
  });

  it("are one for several in a row, transpositions that move only a dimension of one included", () => {
    const nodes = [
      number("heads", [-1, 1, 4, 64]),
      number("merged", [-1, 1, 256]),
      node("Reshape", ["states", "heads"], ["split"]),
      node("Transpose", ["split"], ["by_head"], { perm: [0, 2, 1, 3] }),
      node("Transpose", ["past"], ["turned"], { perm: [0, 1, 3, 2] }),
      node("Transpose", ["by_head"], ["by_token"], { perm: [0, 2, 1, 3] }),
      node("Reshape", ["by_token", "merged"], ["whole"]),
    ];
    const wanted = ["by_head", "turned", "whole"];
    const left = prune(withFixedReshapes(nodes, inferKnown(nodes, given)), wanted);
    expect(left.filter(({ opType }) => opType !== "Constant").map(({ opType, input }) => [opType, ...input])).toEqual([
      ["Reshape", "states", "target/-1,4,1,64"],
      ["Transpose", "past"],
      ["Reshape", "states", "target/-1,1,256"],
    ]);
  });

  it("grow with what is joined", () => {
    const joined = [node("Concat", ["past", "past"], ["longer"], { axis: -2 })];
    expect(inferKnown(joined, given).get("longer")?.shape?.[2]).toEqual(sum(pastSize, pastSize));
  });
});

describe("a mask that depends on shapes only", () => {
  /** `length` positions from nought on, compared with a number: the mask is nought where they are smaller. */
  const masked = (limit: string): NodeProto[] => [
    number("second", 2),
    number("nought", 0),
    number("one", 1),
    number("many", 1_000_000),
    node("Shape", ["past"], ["shape"]),
    node("Gather", ["shape", "second"], ["length"]),
    node("Range", ["nought", "length", "one"], ["positions"]),
    node("Greater", ["positions", limit], ["hidden"]),
    node("Cast", ["hidden"], ["mask"], { to: 1 }),
    node("Add", ["scores", "mask"], ["sum"]),
  ];

  it("goes where it is nought for all sizes", async () => {
    const nodes = masked("many");
    const left = await withoutZeroMasks(nodes, inferKnown(nodes, given), opsets);
    expect(left.find(({ output }) => output[0] === "sum")).toMatchObject({ opType: "Identity", input: ["scores"] });
  });

  it("stays where it is not for one of them", async () => {
    const nodes = masked("one");
    expect(await withoutZeroMasks(nodes, inferKnown(nodes, given), opsets)).toEqual(nodes);
  });

  it("stays where it depends on more than shapes", async () => {
    const nodes = [node("Add", ["scores", "states"], ["sum"])];
    expect(await withoutZeroMasks(nodes, inferKnown(nodes, given), opsets)).toEqual(nodes);
  });
});

describe("the factor of an attention's scores", () => {
  const tenth = constantNode("tenth", constant("tenth", "float", 0.1));
  const attention = (keys: string): NodeProto[] => [
    node("Reshape", ["states", "target"], ["split"]),
    node("Transpose", ["split"], ["queries"], { perm: [0, 2, 1, 3] }),
    node("MatMul", ["queries", keys], ["scores"]),
    tenth,
    node("Mul", ["scores", "tenth"], ["scaled"]),
    node("Softmax", ["scaled"], ["weights"]),
  ];
  const left = (nodes: readonly NodeProto[]) =>
    withScaledQueries(nodes, inferKnown(nodes, given), ["states", "past"])
      .filter(({ opType }) => opType !== "Constant")
      .map(({ opType, input, output }) => [opType, ...input, ...output]);

  it("goes to the queries before they are split into heads", () => {
    expect(left(attention("past"))).toEqual([
      ["Mul", "states", "tenth", "scaled/queries"],
      ["Reshape", "scaled/queries", "target", "split"],
      ["Transpose", "split", "queries"],
      ["MatMul", "queries", "past", "scaled"],
      ["Softmax", "scaled", "weights"],
    ]);
  });

  it("goes to the keys where these are the same for all steps", () => {
    expect(left(attention("of_source"))).toContainEqual(["Mul", "of_source", "tenth", "scaled/keys"]);
    expect(left(attention("of_source"))).toContainEqual(["MatMul", "queries", "scaled/keys", "scaled"]);
  });

  it("stays where somebody else takes the scores or the queries", () => {
    for (const name of ["scores", "queries"]) {
      const nodes = [...attention("past"), node("Relu", [name], ["more"])];
      expect(left(nodes)).toContainEqual(["Mul", "scores", "tenth", "scaled"]);
    }
  });
});

it("computes outside of a loop what does not change with its steps", () => {
  const nodes = [
    number("two", 2),
    number("three", 3),
    node("Mul", ["source", "two"], ["of_source"]),
    node("Mul", ["token", "three"], ["of_token"]),
    node("Add", ["of_source", "of_token"], ["both"]),
  ];
  const { inside, outside } = hoist(nodes, ["token"]);
  expect(outside.map(({ output }) => output[0])).toEqual(["two", "of_source"]);
  expect(inside.map(({ output }) => output[0])).toEqual(["three", "of_token", "both"]);
});
