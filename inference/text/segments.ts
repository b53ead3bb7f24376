import { emphasised } from "./emphasis.ts";
import { masks, type Span, spanAt } from "./spans.ts";

/** A sentence of a masked text, without what surrounds it. */
export interface Segment {
  /** Comes out as it is: markers of lists and quotes, emoji, white space. */
  readonly before: string;
  /** What the model reads; empty when there is nothing to translate. */
  readonly core: string;
  readonly after: string;
}

/** Longest sentence that is given to the model whole, in characters; a longer one is cut where it breathes. */
const longest = 280;

/**
 * Cuts a masked text into sentences. Joined in order, `before + core + after` of all segments is the text again.
 *
 * @param language BCP 47 code of the text, for the rules of its sentences
 */
export function segment(text: string, language: string, spans: readonly Span[]): Segment[] {
  const sentences = text
    .split(/(?<=\n)/)
    .flatMap((line) => mend(Array.from(segmenterOf(language).segment(line), ({ segment }) => segment)))
    .flatMap(cutLong);
  return sentences.map((sentence) => trim(sentence, spans));
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterOf(language: string): Intl.Segmenter {
  const known = segmenters.get(language);
  if (known !== undefined) return known;
  const segmenter = new Intl.Segmenter(language, { granularity: "sentence" });
  segmenters.set(language, segmenter);
  return segmenter;
}

/** Words that end in a full stop without ending a sentence. */
const abbreviation =
  /(?:^|[^\p{L}])(?:Dr|Mr|Mrs|Ms|Prof|St|Sr|Sra|Srta|Dra|vs|etc|e\.g|i\.e|z\.B|d\.h|u\.a|ca|bzw|usw|Nr|No|M|Mme|Mlle|p\.ex|av|env|pág|p|a\.m|p\.m|Jr|[A-Z])\.\s*$/u;

/** Joins what was cut after an abbreviation. */
function mend(sentences: readonly string[]): string[] {
  const mended: string[] = [];
  for (const sentence of sentences) {
    const last = mended.at(-1);
    const goesOn = last !== undefined && (abbreviation.test(last) || !/[\p{L}\uE000-\uF8FF]/u.test(sentence));
    if (goesOn) mended[mended.length - 1] = last + sentence;
    else mended.push(sentence);
  }
  return mended;
}

function cutLong(sentence: string): string[] {
  if (sentence.length <= longest) return [sentence];
  const at = breath(sentence);
  return [sentence.slice(0, at), ...cutLong(sentence.slice(at))];
}

/** Where a long sentence is best cut: after a comma or the like, else after a space, else where it is full. */
function breath(sentence: string): number {
  const head = sentence.slice(0, longest);
  const clause = Math.max(
    ...[", ", "; ", ": ", "，", "；", "、", "،"].map((mark) => head.lastIndexOf(mark) + mark.length),
  );
  if (clause > longest / 3) return clause;
  const space = head.lastIndexOf(" ") + 1;
  if (space > longest / 3) return space;
  // Not between the halves of a surrogate pair.
  return /[\uD800-\uDBFF]/.test(head.at(-1) ?? "") ? longest - 1 : longest;
}

/** Markers of lists, quotes and headings at the beginning of a line. */
const marker = /^\s*(?:[-*+>#•·]+\s+|[\uE000-\uF8FF][.)]\s+)*/;

const hasWords = (text: string): boolean => /\p{L}/u.test(text.replace(masks, ""));

function trim(sentence: string, spans: readonly Span[]): Segment {
  let start = marker.exec(sentence)?.[0].length ?? 0;
  let end = sentence.length;
  // Emphasis of a part of the sentence belongs to it; around all of it, or begun in another one, it is an edge.
  const parts = emphasised(sentence).filter(({ from, to }) => hasWords(sentence.slice(0, from) + sentence.slice(to)));
  const isOfPart = (at: number): boolean => parts.some(({ from, to }) => from <= at && at < to);
  const isEdge = (character: string): boolean =>
    /[\s*_~]/.test(character) || spanAt(character, spans)?.kind === "symbol";
  const isEdgeAt = (at: number): boolean => isEdge(sentence.charAt(at)) && !isOfPart(at);
  const isMention = (character: string): boolean => /^[@#]/.test(spanAt(character, spans)?.text ?? "");
  while (start < end && (isEdgeAt(start) || isMention(sentence.charAt(start)))) start++;
  while (end > start && isEdgeAt(end - 1)) end--;
  const core = sentence.slice(start, end);
  if (!hasWords(core)) return { before: sentence, core: "", after: "" };
  return { before: sentence.slice(0, start), core, after: sentence.slice(end) };
}
