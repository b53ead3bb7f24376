import { type Mentionable, mentionsIn } from "../../proto/mentions.ts";

/** A mention that somebody is writing: where its @ stands, and what they have written of the name. */
export interface MentionQuery {
  /** UTF-16 code units. */
  readonly start: number;
  readonly written: string;
}

/** People that are offered at a time. */
const offeredAtMost = 6;

/** The mention that ends at the caret; undefined: none does. */
export function mentionAt(text: string, caret: number): MentionQuery | undefined {
  const match = /(?<![\p{L}\p{N}_])@([\p{L}\p{M}\p{N}_.-]*)$/u.exec(text.slice(0, caret));
  return match === null ? undefined : { start: match.index, written: match[1] ?? "" };
}

/** Those whose username, or a word of whose name, begins like what is written, whatever case and accents. */
export function offered<Person extends Mentionable>(written: string, people: readonly Person[]): Person[] {
  const wanted = fold(written);
  const isMeant = ({ username, displayName }: Person) =>
    [username, displayName, ...displayName.split(/\s+/)].some((name) => fold(name).startsWith(wanted));
  return people
    .filter(isMeant)
    .toSorted((one, other) => one.displayName.localeCompare(other.displayName))
    .slice(0, offeredAtMost);
}

/** A text in the parts to be shown: what mentions nobody, and each mention with those whom it means. */
export function partsOf(text: string, people: readonly Mentionable[]) {
  const parts: { readonly at: number; readonly text: string; readonly userIds: readonly string[] }[] = [];
  let done = 0;
  for (const { start, end, userIds } of mentionsIn(text, people)) {
    if (start > done) parts.push({ at: done, text: text.slice(done, start), userIds: [] });
    parts.push({ at: start, text: text.slice(start, end), userIds });
    done = end;
  }
  if (done < text.length) parts.push({ at: done, text: text.slice(done), userIds: [] });
  return parts;
}

const fold = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
