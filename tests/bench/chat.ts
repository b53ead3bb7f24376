import { zipf } from "../../scripts/bench/zipf.ts";
import { randomFrom } from "../delivery/clock.ts";
import { type ParallelMessage, shuffled } from "./messages.ts";

/**
 * What the replay takes people to be like. None of it was observed: it is stated, so that it can be disputed and changed.
 * Sizes of conversations, each as often as every other; the language that people read and write, per cent; how many are in a
 * conversation when the replay begins; after how many of its messages each opens it anew, and reads a page further back then.
 */
export const assumptions = {
  sizes: [2, 3, 5, 8, 12, 20],
  roomsOfEachSize: 3,
  people: 40,
  languages: { en: 30, es: 20, fr: 12, de: 10, pt: 10, zh: 8, ar: 6, ja: 4 },
  presentFromTheStart: 0.7,
  messagesBetweenOpenings: 50,
  readsFurtherBack: 0.5,
} as const;

export interface Member {
  /** Index of a person. */
  readonly person: number;
  readonly language: string;
}

/** What happens before a message is sent: somebody opens the conversation, for the first time or anew. */
export interface Opening {
  readonly room: number;
  readonly member: Member;
  readonly readsFurtherBack: boolean;
}

export interface Step {
  readonly openings: readonly Opening[];
  readonly room: number;
  readonly author: Member;
  readonly text: string;
}

export interface Chat {
  /** Reading language of each person, by index. */
  readonly people: readonly string[];
  readonly rooms: readonly (readonly Member[])[];
  /** Who has which conversation open when it begins. */
  readonly openings: readonly Opening[];
  readonly steps: readonly Step[];
  /** Different texts among the messages. */
  readonly texts: number;
}

export interface ChatOptions {
  readonly messages: number;
  /** Of Zipf's law over the corpus; undefined: no text comes twice. */
  readonly exponent: number | undefined;
  readonly corpus: readonly ParallelMessage[];
  readonly seed: number;
}

/**
 * Makes a chat up: the same one for the same options. A conversation is as busy as it is large; everybody in it is as likely
 * to write as everybody else, in the language they read. What they say is the message of the rank that Zipf's law draws; ranks are
 * given to the corpus at random, so that what is said often is not shorter than the rest.
 */
export function makeChat({ messages, exponent, corpus, seed }: ChatOptions): Chat {
  const random = randomFrom(seed);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("There is nothing to choose from.");
    return item;
  };
  const readers = Object.entries(assumptions.languages).flatMap(([code, share]) => Array<string>(share).fill(code));
  const people = Array.from({ length: assumptions.people }, () => pick(readers));
  const members = people.map((language, person) => ({ person, language }));
  const rooms = assumptions.sizes.flatMap((size) =>
    Array.from({ length: assumptions.roomsOfEachSize }, () => shuffled(members, random).slice(0, size)),
  );
  const seats = rooms.flatMap((room, index) => room.map(() => index));
  const present = rooms.map((room) =>
    room.filter((_, seat) => seat === 0 || random() < assumptions.presentFromTheStart),
  );
  const opening = (room: number, member: Member): Opening => {
    return { room, member, readsFurtherBack: random() < assumptions.readsFurtherBack };
  };
  const openings = present.flatMap((those, room) => those.map((member) => opening(room, member)));

  const later = new Map<number, Opening[]>();
  const schedule = (room: number, member: Member) => {
    const at = Math.floor(random() * messages);
    later.set(at, [...(later.get(at) ?? []), opening(room, member)]);
  };
  rooms.forEach((room, index) => {
    for (const member of room) {
      const first = present[index]?.includes(member) ? 0 : 1;
      const again = (messages * room.length) / seats.length / assumptions.messagesBetweenOpenings;
      const comings = first + Math.floor(again + random());
      for (let coming = 0; coming < comings; coming++) schedule(index, member);
    }
  });

  const said = new Set<string>();
  const nextText = textSource(corpus, exponent, random);
  const steps = Array.from({ length: messages }, (_, index): Step => {
    const arriving = later.get(index) ?? [];
    for (const { room, member } of arriving) if (!present[room]?.includes(member)) present[room]?.push(member);
    const room = pick(seats);
    const author = pick(present[room] ?? []);
    const text = nextText(author.language, said);
    said.add(text);
    return { openings: arriving, room, author, text };
  });
  return { people, rooms, openings, steps, texts: said.size };
}

/** Draws what somebody says in a language. */
function textSource(corpus: readonly ParallelMessage[], exponent: number | undefined, random: () => number) {
  const ranked = shuffled(corpus, random);
  const textOf = (rank: number, language: string) => ranked[rank]?.get(language) ?? "";
  if (exponent !== undefined) {
    const draw = zipf(ranked.length, exponent, random);
    return (language: string) => textOf(draw(), language);
  }
  let next = 0;
  return (language: string, said: ReadonlySet<string>) => {
    // Two rows may say the same in one language.
    while (said.has(textOf(next, language)) && next < ranked.length) next += 1;
    if (next >= ranked.length) throw new Error(`There are only ${ranked.length} different messages.`);
    return textOf(next++, language);
  };
}
