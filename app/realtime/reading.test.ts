import { describe, expect, it } from "vitest";
import type { TimelineMessage, TimelineTranslation } from "./messages.ts";
import { readingOf, wordsOf } from "./reading.ts";

const message: TimelineMessage = {
  id: "m1",
  offset: 1,
  authorId: "ben",
  clientMessageId: "c1",
  revision: 1,
  text: "Bonjour",
  language: "fr",
  replyTo: "",
  createdAt: 1,
  editedAt: 0,
  deletedAt: 0,
  receivedAt: 1,
  translation: undefined,
  reactions: [],
  pinnedBy: "",
  pinnedAt: 0,
};
const reads = (readingLanguage: string, ...alsoReads: string[]) => ({
  readingLanguage,
  alsoReads,
  translates: true,
});
const translation: TimelineTranslation = { kind: "translated", text: "Hello", language: "en", reason: "" };
const withTranslation = (change: Partial<TimelineTranslation>) => ({
  ...message,
  translation: { ...translation, ...change },
});

describe("a reader", () => {
  it("reads another person's words in their own language", () => {
    const translated = withTranslation({});
    const reading = readingOf(translated, false, reads("en"));
    expect(reading.kind).toBe("translated");
    expect(wordsOf(translated, reading)).toMatchObject({ text: "Hello", language: "en" });
  });

  it("reads the original until a translation comes, and where none can be trusted", () => {
    expect(readingOf(message, false, reads("en"))).toEqual({ kind: "pending" });
    for (const kind of ["doubtful", "failed"] as const) {
      const kept = withTranslation({ kind, reason: "low_score" });
      const reading = readingOf(kept, false, reads("en"));
      expect(reading).toEqual({ kind: "kept", reason: "low_score" });
      expect(wordsOf(kept, reading).text).toBe("Bonjour");
    }
  });

  it("reads the original of what is written in a language that they read as well", () => {
    expect(readingOf(withTranslation({}), false, reads("en", "de", "fr"))).toEqual({ kind: "original" });
  });

  it("reads what was written where translation is turned off, also what was translated before", () => {
    for (const one of [message, withTranslation({}), withTranslation({ kind: "failed" })]) {
      expect(readingOf(one, false, { ...reads("en"), translates: false })).toEqual({ kind: "original" });
    }
  });

  it.each([
    ["their own words", message, true, "en"],
    ["words in their language", message, false, "fr"],
    ["what needs no translation", withTranslation({ kind: "same" }), false, "en"],
    ["a message that is gone", { ...message, deletedAt: 5 }, false, "en"],
  ] as const)("is told nothing about %s", (_, given, isMine, readingLanguage) => {
    expect(readingOf(given, isMine, reads(readingLanguage))).toEqual({ kind: "original" });
  });
});
