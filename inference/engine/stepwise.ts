import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Decoder } from "./decoder.ts";
import type { EngineModel, Output, Row } from "./messages.ts";
import { sessionOptions } from "./sessions.ts";
import { int64, sourceTensors } from "./tensors.ts";

type Values = Readonly<Record<string, Tensor>>;

interface Sessions {
  readonly encoder: InferenceSession;
  /** The decoder of the first step and that of the later ones; the same when it is a merged one. */
  readonly first: InferenceSession;
  readonly next: InferenceSession;
}

/**
 * Greedy decoding step by step over the exported files as they are: for exports that cannot be joined to one graph, and what
 * the fused graph is held against.
 */
export class Stepwise implements Decoder {
  readonly decoding = "stepwise";
  readonly #model: EngineModel;
  readonly #sessions: Sessions;

  private constructor(model: EngineModel, sessions: Sessions) {
    this.#model = model;
    this.#sessions = sessions;
  }

  /** @throws Error for files in half precision: ONNX Runtime takes no such tensors from JavaScript that has Float16Array */
  static async load(model: EngineModel, intraOpThreads: number): Promise<Stepwise> {
    if (model.precision === "fp16") {
      throw new Error("A model in half precision runs as one graph only; take its files in fp32 or int8.");
    }
    const open = (path: string) => InferenceSession.create(path, sessionOptions(model, intraOpThreads));
    const { decoder } = model;
    const paths = decoder.kind === "pair" ? [decoder.first, decoder.next] : [decoder.path];
    const [encoder, first, next] = await Promise.all([model.encoder, ...paths].map(open));
    if (encoder === undefined || first === undefined) throw new Error("A model has an encoder and a decoder.");
    return new Stepwise(model, { encoder, first, next: next ?? first });
  }

  async run(rows: readonly Row[]): Promise<Output[]> {
    const { pad, eos, decoderStart, startsWithLanguage } = this.#model;
    const { input_ids, attention_mask } = sourceTensors(rows, pad);
    const { last_hidden_state: hidden } = await this.#sessions.encoder.run({ input_ids, attention_mask });
    if (!(hidden instanceof Tensor)) throw new Error("The encoder gave no states.");

    const outputs = rows.map(() => ({ ids: [] as number[], total: 0, steps: 0, isDone: false }));
    const column = (values: readonly number[]) => int64(values, [rows.length, 1]);
    let inputs = column(rows.map(() => decoderStart));
    let past = this.#emptyPast(rows.length);
    for (let isFirst = true; outputs.some(({ isDone }) => !isDone); isFirst = false) {
      const session = isFirst ? this.#sessions.first : this.#sessions.next;
      const step = await session.run(
        fed(session, {
          encoder_attention_mask: attention_mask,
          encoder_hidden_states: hidden,
          input_ids: inputs,
          use_cache_branch: new Tensor("bool", Uint8Array.of(isFirst ? 0 : 1), [1]),
          ...past,
        }),
      );
      past = nextPast(past, step, isFirst);
      if (isFirst && startsWithLanguage) {
        // Whatever the likeliest token is: this one must follow, and is none of the translation's.
        inputs = column(rows.map(({ target }) => target ?? pad));
        continue;
      }
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
      inputs = column(outputs.map(({ isDone }, row) => (isDone ? pad : (best[row]?.id ?? pad))));
    }
    return outputs.map(({ ids, total, steps }) => ({ ids, score: total / Math.max(1, steps) }));
  }

  async release(): Promise<void> {
    await Promise.all([...new Set(Object.values(this.#sessions))].map((session) => session.release()));
  }

  /** Keys and values of no token. */
  #emptyPast(batch: number): Values {
    const { heads, headSize } = this.#model;
    const names = this.#sessions.next.inputNames.filter((name) => name.startsWith("past_key_values."));
    const empty = () => new Tensor("float32", new Float32Array(0), [batch, heads, 0, headSize]);
    return Object.fromEntries(names.map((name) => [name, empty()]));
  }
}

/** Of the values those that a session takes: which it does depends on how it was exported. */
const fed = (session: InferenceSession, values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => session.inputNames.includes(name)));

/** The encoder's keys and values come once, at the first step; later steps pass them on. */
const nextPast = (past: Values, step: InferenceSession.OnnxValueMapType, isFirst: boolean): Values =>
  Object.fromEntries(
    Object.entries(past).map(([name, old]) => {
      const present = step[name.replace("past_key_values", "present")];
      const isKept = name.includes(".encoder.") && !isFirst;
      return [name, isKept || !(present instanceof Tensor) ? old : present];
    }),
  );

/** The likeliest token at the last position of each row, and the logarithm of its probability. */
function bestOfLast(logits: unknown): { id: number; logProbability: number }[] {
  if (!(logits instanceof Tensor) || !(logits.data instanceof Float32Array)) {
    throw new Error("The decoder gave no logits.");
  }
  const { data } = logits;
  const [batch = 0, positions = 0, vocabulary = 0] = logits.dims;
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
