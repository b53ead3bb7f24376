import { InferenceSession, Tensor } from "onnxruntime-node";
import type { EngineModel, Output, Row } from "../messages.ts";

type Past = Record<string, Tensor>;

/** Greedy decoding step by step over the exported files as they are: what the fused graph is held against. */
export class Stepwise {
  readonly #model: EngineModel;
  readonly #encoder: InferenceSession;
  readonly #decoder: InferenceSession;

  private constructor(model: EngineModel, encoder: InferenceSession, decoder: InferenceSession) {
    this.#model = model;
    this.#encoder = encoder;
    this.#decoder = decoder;
  }

  static async load(model: EngineModel, intraOpNumThreads: number): Promise<Stepwise> {
    const options: InferenceSession.SessionOptions = { intraOpNumThreads, interOpNumThreads: 1 };
    const [encoder, decoder] = await Promise.all([
      InferenceSession.create(model.encoder, options),
      InferenceSession.create(model.decoder, options),
    ]);
    return new Stepwise(model, encoder, decoder);
  }

  /** Translates a batch; rows may differ in length and target language. One output per row, in order. */
  async run(rows: readonly Row[]): Promise<Output[]> {
    const { pad, eos, decoderStart } = this.#model;
    const length = Math.max(...rows.map(({ source }) => source.length));
    const ids = rows.flatMap(({ source }) => [...source, ...Array<number>(length - source.length).fill(pad)]);
    const mask = rows.flatMap(({ source }) => Array.from({ length }, (_, at) => (at < source.length ? 1 : 0)));
    const shape = [rows.length, length];
    const attention = int64(mask, shape);
    const { last_hidden_state: hidden } = await this.#encoder.run({
      input_ids: int64(ids, shape),
      attention_mask: attention,
    });
    if (hidden === undefined) throw new Error("The encoder gave no states.");

    const outputs = rows.map(() => ({ ids: [] as number[], total: 0, steps: 0, isDone: false }));
    let past = this.#emptyPast(rows.length);
    // The forced first token depends on nothing, so that it goes along with the start token in one step.
    let inputs = int64(
      rows.flatMap(({ target }) => [decoderStart, target]),
      [rows.length, 2],
    );
    for (let isFirst = true; outputs.some(({ isDone }) => !isDone); isFirst = false) {
      const step = await this.#decoder.run({
        encoder_attention_mask: attention,
        encoder_hidden_states: hidden,
        input_ids: inputs,
        use_cache_branch: new Tensor("bool", Uint8Array.of(isFirst ? 0 : 1), [1]),
        ...past,
      });
      const best = bestOfLast(step.logits);
      outputs.forEach((output, row) => {
        const choice = best[row];
        if (output.isDone || choice === undefined) return;
        output.total += choice.logProbability;
        output.steps += 1;
        if (choice.id === eos) output.isDone = true;
        else output.ids.push(choice.id);
        if (output.ids.length >= (rows[row]?.limit ?? 0)) output.isDone = true;
      });
      inputs = int64(
        outputs.map(({ isDone }, row) => (isDone ? pad : (best[row]?.id ?? pad))),
        [rows.length, 1],
      );
      past = this.#nextPast(past, step, isFirst);
    }
    return outputs.map(({ ids, total, steps }) => ({ ids, score: total / Math.max(1, steps) }));
  }

  async release(): Promise<void> {
    await Promise.all([this.#encoder.release(), this.#decoder.release()]);
  }

  #emptyPast(batch: number): Past {
    const { layers, heads, headSize } = this.#model;
    const names = Array.from({ length: layers }, (_, layer) =>
      ["decoder.key", "decoder.value", "encoder.key", "encoder.value"].map(
        (part) => `past_key_values.${layer}.${part}`,
      ),
    ).flat();
    const empty = () => new Tensor("float32", new Float32Array(0), [batch, heads, 0, headSize]);
    return Object.fromEntries(names.map((name) => [name, empty()]));
  }

  /** The merged decoder gives the encoder's keys and values once; later steps pass them on. */
  #nextPast(past: Past, step: InferenceSession.OnnxValueMapType, isFirst: boolean): Past {
    return Object.fromEntries(
      Object.entries(past).map(([name, old]) => {
        const present = step[name.replace("past_key_values", "present")];
        const isKept = name.includes(".encoder.") && !isFirst;
        return [name, isKept || !(present instanceof Tensor) ? old : present];
      }),
    );
  }
}

const int64 = (values: readonly number[], shape: readonly number[]): Tensor =>
  new Tensor("int64", BigInt64Array.from(values, BigInt), shape);

/** The likeliest token at the last position of each row, and the logarithm of its probability. */
function bestOfLast(logits: unknown): { id: number; logProbability: number }[] {
  if (!(logits instanceof Tensor) || !(logits.data instanceof Float32Array))
    throw new Error("The decoder gave no logits.");
  const [batch = 0, positions = 0, vocabulary = 0] = logits.dims;
  const { data } = logits;
  return Array.from({ length: batch }, (_, row) => {
    const start = (row * positions + positions - 1) * vocabulary;
    let best = start;
    let highest = data[start] ?? 0;
    for (let at = start + 1; at < start + vocabulary; at++) {
      const value = data[at] ?? 0;
      if (value > highest) {
        highest = value;
        best = at;
      }
    }
    let sum = 0;
    for (let at = start; at < start + vocabulary; at++) sum += Math.exp((data[at] ?? 0) - highest);
    return { id: best - start, logProbability: -Math.log(sum) };
  });
}
