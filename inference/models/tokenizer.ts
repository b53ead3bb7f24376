import { Tokenizer } from "@huggingface/tokenizers";
import { normalize } from "../text/normalize.ts";

/** A sentence as the model reads it. */
export interface Encoded {
  /** Language tag, pieces, end of sentence. */
  readonly ids: readonly number[];
  /** Share of the pieces that stand for a byte or for nothing known: what the vocabulary does not have. */
  readonly unknown: number;
}

/** Text to token ids and back, in the form that NLLB models use. Runs wherever JavaScript does. */
export class ModelTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #tags = new Map<string, number>();
  readonly #unspeakable: ReadonlySet<number>;
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
    const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
    this.#unspeakable = new Set(
      [...bytes, "<unk>"].map((token) => this.#tokenizer.token_to_id(token)).filter((id) => id !== undefined),
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
    const pieces = this.#tokenizer.encode(normalize(text), { add_special_tokens: false }).ids;
    // A character that is not in the vocabulary is spelt in up to three bytes and counts as one piece.
    const unknown = pieces.filter((id) => this.#unspeakable.has(id)).length / 3;
    const known = pieces.filter((id) => !this.#unspeakable.has(id)).length;
    return {
      ids: [this.tag(language), ...pieces, this.#eos],
      unknown: pieces.length === 0 ? 0 : unknown / (unknown + known),
    };
  }

  decode(ids: readonly number[]): string {
    return ids.length === 0 ? "" : this.#tokenizer.decode([...ids], { skip_special_tokens: true }).trim();
  }
}
