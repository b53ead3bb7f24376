import { Tensor } from "onnxruntime-node";
import type { Row } from "./messages.ts";

export const int64 = (values: readonly number[], shape: readonly number[]): Tensor =>
  new Tensor("int64", BigInt64Array.from(values, BigInt), shape);

/** The sources of a batch as the encoder takes them, int64 (batch, longest source): shorter ones are padded and masked. */
export function sourceTensors(rows: readonly Row[], pad: number) {
  const length = Math.max(...rows.map(({ source }) => source.length));
  const shape = [rows.length, length];
  const ids = rows.flatMap(({ source }) => [...source, ...Array<number>(length - source.length).fill(pad)]);
  const mask = rows.flatMap(({ source }) => Array.from({ length }, (_, at) => (at < source.length ? 1 : 0)));
  return { input_ids: int64(ids, shape), attention_mask: int64(mask, shape) };
}
