import type { Segment } from "./segments.ts";

/** Languages that put no space between sentences. */
export const spaceless = new Set(["zh", "ja"]);

/** Puts translated sentences together as the target language spaces them; line breaks and edges stay as they were. */
export function join(
  segments: readonly Segment[],
  translations: readonly string[],
  source: string,
  target: string,
): string {
  const opensSpace = !spaceless.has(target);
  return segments
    .map(({ before, core, after }, index) => {
      const next = segments[index + 1];
      const text = before + (translations[index] ?? core);
      const isBetween = next !== undefined && core !== "" && next.core !== "" && next.before === "";
      if (!isBetween || /\S|\n/.test(after)) return text + after;
      if (!opensSpace) return text;
      return text + (after === "" && spaceless.has(source) ? " " : after);
    })
    .join("");
}
