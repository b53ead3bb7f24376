import { masks } from "./spans.ts";

/** How many placeholders the embedded model knows: `<ph0>` to `<ph9>`. */
export const placeholders = 10;

/** A sentence in which the spans are placeholders that the model copies. */
export interface Placed {
  readonly text: string;
  /** The private-use character of each placeholder, by its number. */
  readonly characters: readonly string[];
}

/** Numbers the spans of a sentence from 0; undefined when there are more than the model knows. */
export function place(core: string): Placed | undefined {
  const characters: string[] = [];
  const text = core.replace(masks, (character) => `<ph${characters.push(character) - 1}>`);
  return characters.length > placeholders ? undefined : { text, characters };
}

/** Puts the spans back into a translation; undefined unless each of them is there exactly once. */
export function replace(translation: string, characters: readonly string[]): string | undefined {
  const left = new Set(characters.keys());
  let isSound = true;
  const text = translation.replace(/<ph(\d)>/g, (_, digit: string) => {
    const index = Number(digit);
    isSound = left.delete(index) && isSound;
    return characters[index] ?? "";
  });
  return isSound && left.size === 0 ? text : undefined;
}
