import { createHash } from "node:crypto";
import { basename } from "node:path";
import { create } from "@bufbuild/protobuf";
import { StringStringEntryProtoSchema, type TensorProto } from "../../proto/gen/onnx/onnx_pb.js";

/** A model file as it was read: its bytes stay where they are, tensors only point into them. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** ONNX's number for values that lie in another file. */
const external = 1;
/** Bytes. What is smaller are shapes and scales that the runtime wants to see while it arranges the graph. */
const worthReferring = 1_024;

/**
 * A tensor whose values stay in the file that it was read from, so that a model of gigabytes is neither copied nor bound by
 * the two gigabytes of one Protobuf message. Small ones, and those that lie elsewhere already, are left as they are.
 */
export function referTo(files: readonly ModelFile[], tensor: TensorProto): TensorProto {
  const { rawData } = tensor;
  const file = files.find(({ bytes }) => bytes.buffer === rawData.buffer);
  if (rawData.byteLength < worthReferring || file === undefined) return tensor;
  const entries = {
    location: basename(file.path),
    offset: String(rawData.byteOffset - file.bytes.byteOffset),
    length: String(rawData.byteLength),
  };
  return {
    ...tensor,
    rawData: new Uint8Array(),
    dataLocation: external,
    externalData: Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  };
}

/** Of tensors with the same values one is kept; `nameOf` says which stands for another. */
export interface SharedWeights {
  readonly tensors: readonly TensorProto[];
  readonly nameOf: (name: string) => string;
}

/** Two files of one export hold the same weights under other names; together they need them once. */
export function shareWeights(tensors: readonly TensorProto[]): SharedWeights {
  const kept = new Map<string, TensorProto>();
  const names = new Map<string, string>();
  for (const tensor of tensors) {
    const content = contentOf(tensor);
    const twin = content === undefined ? undefined : kept.get(content);
    kept.set(twin === undefined ? (content ?? `name ${tensor.name}`) : (content ?? ""), twin ?? tensor);
    names.set(tensor.name, twin?.name ?? tensor.name);
  }
  return { tensors: [...kept.values()], nameOf: (name) => names.get(name) ?? name };
}

/** What tells a tensor's values apart from others'; undefined for what is too small to be worth it or lies elsewhere. */
function contentOf({ dims, dataType, rawData }: TensorProto): string | undefined {
  if (rawData.byteLength < worthReferring) return undefined;
  return `${dataType} ${dims.join("x")} ${createHash("sha1").update(rawData).digest("hex")}`;
}
