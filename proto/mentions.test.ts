import { describe, expect, it } from "vitest";
import { handleOf, mentionsIn } from "./mentions.ts";

const ben = { userId: "1", username: "ben.b", displayName: "Ben" };
const anna = { userId: "2", username: "anna", displayName: "Anna Maria" };
const layla = { userId: "3", username: "layla-", displayName: "ليلى" };
const people = [ben, anna, layla];

const found = (text: string, among = people) =>
  mentionsIn(text, among).map(({ start, end, userIds }) => `${text.slice(start, end)}: ${userIds.join()}`);

describe("a mention", () => {
  it("is an @ with the username or the name of somebody who is there, in any case and script", () => {
    expect(found("@ben and @ANNA, where is @ben.b? مرحبا @ليلى")).toEqual([
      "@ben: 1",
      "@ANNA: 2",
      "@ben.b: 1",
      "@ليلى: 3",
    ]);
  });

  it("ends where the name does", () => {
    expect(found("@ben. (@anna) @ben.Thanks @ben-and-anna @layla-")).toEqual([
      "@ben: 1",
      "@anna: 2",
      "@ben: 1",
      "@ben: 1",
      "@layla: 3",
    ]);
  });

  it("is neither in an address nor of a stranger", () => {
    expect(found("me@ben.example, @bena, @ ben, @, x@anna")).toEqual([]);
  });

  it("means everybody who has that name", () => {
    expect(found("@ben", [ben, { ...anna, displayName: "ben" }])).toEqual(["@ben: 1,2"]);
  });
});

describe("the way to write a mention", () => {
  it("is the name, when it is one word and nobody else's, else the username", () => {
    expect(people.map((person) => handleOf(person, people))).toEqual(["Ben", "anna", "ليلى"]);
    expect(handleOf(ben, [ben, { ...anna, username: "ben" }])).toBe("ben.b");
    expect(handleOf(ben, [ben, { ...anna, displayName: "BEN" }])).toBe("ben.b");
    const odd = { userId: "4", username: "odd", displayName: "J.R." };
    expect(handleOf(odd, [odd])).toBe("odd");
  });
});
