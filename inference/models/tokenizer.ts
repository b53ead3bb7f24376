import { Tokenizer } from "@huggingface/tokenizers";
import { normalize } from "../text/normalize.ts";

/** A sentence as the model reads it. */
export interface Encoded {
  /** Language tag, pieces, end of sentence. */
  readonly ids: readonly number[];
  /** Share of the pieces that the vocabulary does not have. */
  readonly unknown: number;
}

/** Text to token ids and back, in the form that NLLB models use. Runs wherever JavaScript does. */
export class ModelTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #tags = new Map<string, number>();
  readonly #unk: number | undefined;
  /** Tokens of the bytes, by their value; undefined where the vocabulary cannot spell. */
  readonly #bytes: readonly (number | undefined)[];
  readonly #eos: number;

  /**
   * @param files parsed `tokenizer.json` and `tokenizer_config.json`
   * @param languages BCP 47 code -> the language's token
   */
  constructor(files: { tokenizer: object; config: object }, languages: Readonly<Record<string, string>>, eos: number) {
    this.#tokenizer = new Tokenizer(files.tokenizer, files.config);
    this.#eos = eos;
    for (const [language, tag] of Object.entries(languages)) {
      const id = this.#tokenizer.token_to_id(tag);
      if (id === undefined) throw new Error(`The vocabulary has no token ${tag} for ${language}.`);
      this.#tags.set(language, id);
    }
    this.#unk = this.#tokenizer.token_to_id("<unk>");
    this.#bytes = Array.from({ length: 256 }, (_, byte) =>
      this.#tokenizer.token_to_id(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
    );
  }

  get languages(): string[] {
    return [...this.#tags.keys()];
  }

  /** The token that tells the decoder which language to write; throws for a language that the model lacks. */
  tag(language: string): number {
    const id = this.#tags.get(language);
    if (id === undefined) throw new Error(`The model does not know ${language}.`);
    return id;
  }

  encode(text: string, language: string): Encoded {
    const { ids, tokens } = this.#tokenizer.encode(normalize(text), { add_special_tokens: false });
    const isUnknown = (id: number) => id === this.#unk;
    const pieces = ids.flatMap((id, index) => (isUnknown(id) ? this.#spell(tokens[index] ?? "") : [id]));
    return {
      ids: [this.tag(language), ...pieces, this.#eos],
      unknown: ids.length === 0 ? 0 : ids.filter(isUnknown).length / ids.length,
    };
  }

  /** What the vocabulary lacks, in UTF-8 bytes, as SentencePiece's byte fallback does it. */
  #spell(text: string): number[] {
    const spelt = Array.from(new TextEncoder().encode(text), (byte) => this.#bytes[byte]);
    const known = spelt.filter((id) => id !== undefined);
    return known.length === spelt.length || this.#unk === undefined ? known : [this.#unk];
  }

  decode(ids: readonly number[]): string {
    return ids.length === 0
      ? ""
      : this.#tokenizer.decode([...ids], { skip_special_tokens: true, clean_up_tokenization_spaces: false }).trim();
  }
}
