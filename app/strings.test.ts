import { describe, expect, it } from "vitest";
import { english } from "./strings/english.ts";
import { acceptedLanguage, locales, type StringKey, stringsOf } from "./strings.ts";

const placeholders = (words: string) => words.match(/\{\w+\}/g)?.sort() ?? [];
const keys = Object.keys(english).filter((key): key is StringKey => key in english);

describe("the interface's words", () => {
  it.each(locales)("say in %s what they say in English, with the same places for names and numbers", (locale) => {
    const t = stringsOf(locale);
    for (const key of keys) expect(placeholders(t(key)), key).toEqual(placeholders(english[key]));
    expect(keys.filter((key) => t(key).trim() === "")).toEqual([]);
  });

  it("put in what they are given and leave what they are not", () => {
    expect(stringsOf("en")("people", { count: 3 })).toBe("3 people, {online} online");
  });
});

describe("the language of the interface", () => {
  it("is the first that the browser asks for and we have, whatever its region", () => {
    expect(acceptedLanguage("de-DE,ar-EG;q=0.8,fr;q=0.7", locales)).toBe("ar");
    expect(acceptedLanguage("nl,pl", locales)).toBeUndefined();
    expect(acceptedLanguage(null, locales)).toBeUndefined();
  });
});
