/** Somebody who can be mentioned. */
export interface Mentionable {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
}

/** A mention in a text, from its @ on. Positions are in UTF-16 code units. */
export interface Mention {
  readonly start: number;
  /** The first position after it. */
  readonly end: number;
  /** Everybody who is meant: several people may have one name. */
  readonly userIds: readonly string[];
}

/** What follows the @ of a mention: a shape that the inference server leaves as it is (inference/text/spans.ts). */
const name = String.raw`[\p{L}\p{N}_](?:[\p{L}\p{N}_.\-]*[\p{L}\p{N}_])?`;
const candidates = new RegExp(String.raw`(?<![\p{L}\p{N}_])@(${name})`, "gu");
const isName = new RegExp(`^${name}$`, "u");

/** Names compare whatever their case, and without dots and dashes at the end, which may be the sentence's. */
const fold = (text: string): string =>
  text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[.-]+$/, "");

/** Where a text mentions one of these people, by username or by a name without spaces; in the order of the text. */
export function mentionsIn(text: string, people: readonly Mentionable[]): Mention[] {
  if (!text.includes("@")) return [];
  const byName = new Map<string, Set<string>>();
  for (const { userId, username, displayName } of people) {
    for (const called of [fold(username), fold(displayName)]) {
      byName.set(called, (byName.get(called) ?? new Set()).add(userId));
    }
  }
  return Array.from(text.matchAll(candidates)).flatMap(({ 1: called = "", index: start }): Mention[] => {
    // "@ben.Thanks" and "@ben-and-eva" begin with a mention of Ben.
    for (let length = called.length; length > 0; length = lastPause(called, length)) {
      const userIds = byName.get(fold(called.slice(0, length)));
      if (userIds !== undefined) return [{ start, end: start + 1 + length, userIds: [...userIds] }];
    }
    return [];
  });
}

/** What to write after the @ to mention somebody: their name when it is one word that means nobody else, else their username. */
export function handleOf({ userId, username, displayName }: Mentionable, people: readonly Mentionable[]): string {
  const called = displayName.normalize("NFC");
  const means = mentionsIn(`@${called}`, people);
  const isTheirs = means.length === 1 && means[0]?.userIds.join() === userId && means[0].end === called.length + 1;
  return isName.test(called) && isTheirs ? called : username;
}

/** The last dot or dash before a position; 0: there is none. */
function lastPause(text: string, before: number): number {
  const part = text.slice(0, before);
  return Math.max(0, part.lastIndexOf(".", before - 1), part.lastIndexOf("-", before - 1));
}
