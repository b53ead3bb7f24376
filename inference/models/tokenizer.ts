import { Tokenizer } from "@huggingface/tokenizers";
import { normalize } from "../text/normalize.ts";
import type { ModelDescription } from "./description.ts";

/** A sentence as the model reads it. */
export interface Encoded {
  /** What the encoder takes, its end included. */
  readonly ids: readonly number[];
  /** Share of the pieces that the vocabulary does not have. */
  readonly unknown: number;
}

/** What a tokenizer needs to know of a model. */
export type TokenizerModel = Pick<ModelDescription, "languages" | "eos" | "prompt" | "startsWithLanguage">;

/** Text to token ids and back, in the form that the model's family uses. Runs wherever JavaScript does. */
export class ModelTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #model: TokenizerModel;
  readonly #tags = new Map<string, number>();
  readonly #unk: number | undefined;
  /** Tokens of the bytes, by their value; undefined where the vocabulary cannot spell. */
  readonly #bytes: readonly (number | undefined)[];

  /**
   * @param files parsed `tokenizer.json` and `tokenizer_config.json`
   * @throws Error when the vocabulary lacks the token of a language
   */
  constructor(files: { tokenizer: object; config: object }, model: TokenizerModel) {
    this.#tokenizer = new Tokenizer(files.tokenizer, files.config);
    this.#model = model;
    this.#unk = this.#tokenizer.token_to_id("<unk>");
    this.#bytes = Array.from({ length: 256 }, (_, byte) =>
      this.#tokenizer.token_to_id(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`),
    );
    for (const [language, name] of Object.entries(model.languages)) this.#checkLanguage(language, name);
  }

  get languages(): string[] {
    return Object.keys(this.#model.languages);
  }

  /** Whether the vocabulary has the placeholders that stand for protected spans. */
  get hasPlaceholders(): boolean {
    return this.#tokenizer.token_to_id("<ph0>") !== undefined;
  }

  /**
   * The token that a translation begins with: its language; undefined for a family whose source says which.
   * @throws Error for a language that the model lacks
   */
  tag(language: string): number | undefined {
    this.#name(language);
    return this.#tags.get(language);
  }

  /**
   * A sentence as the encoder reads it: with its own language's tag before it, or with the target's name in the prompt.
   * @throws Error for a language that the model lacks
   */
  encode(text: string, source: string, target: string): Encoded {
    const written = normalize(text);
    const prompt = this.#model.startsWithLanguage ? "{text}" : this.#prompt(source, target);
    const tag = this.#model.startsWithLanguage ? this.tag(source) : undefined;
    // A function, because in a string `$&` and its like stand for what was found.
    const { ids, unknown } = this.#pieces(prompt.replace("{text}", () => written));
    return { ids: [...(tag === undefined ? [] : [tag]), ...ids, this.#model.eos], unknown };
  }

  #pieces(text: string): Encoded {
    const { ids, tokens } = this.#tokenizer.encode(text, { add_special_tokens: false });
    const isUnknown = (id: number) => id === this.#unk;
    return {
      ids: ids.flatMap((id, index) => (isUnknown(id) ? this.#spell(tokens[index] ?? "") : [id])),
      unknown: ids.length === 0 ? 0 : ids.filter(isUnknown).length / ids.length,
    };
  }

  #name(language: string): string {
    const name = this.#model.languages[language];
    if (name === undefined) throw new Error(`The model does not know ${language}.`);
    return name;
  }

  #prompt(source: string, target: string): string {
    return this.#model.prompt.replace("{source}", this.#name(source)).replace("{target}", this.#name(target));
  }

  /** A language is one token of the vocabulary, in front of a translation or, in angle brackets, in the prompt. */
  #checkLanguage(language: string, name: string): void {
    const [bracketed] = this.#model.prompt.match(/<[^<>]*\{target\}[^<>]*>/) ?? [];
    const tag = this.#model.startsWithLanguage ? name : bracketed?.replace("{target}", name);
    if (tag === undefined) return;
    const id = this.#tokenizer.token_to_id(tag);
    if (id === undefined) throw new Error(`The vocabulary has no token ${tag} for ${language}.`);
    if (this.#model.startsWithLanguage) this.#tags.set(language, id);
    else if (!this.#pieces(tag).ids.includes(id)) throw new Error(`The vocabulary does not keep ${tag} one token.`);
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
