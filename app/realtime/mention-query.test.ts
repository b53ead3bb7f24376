import { expect, it } from "vitest";
import { mentionAt, offered, partsOf } from "./mention-query.ts";

const benoit = { userId: "1", username: "ben.oit", displayName: "Benoît" };
const anna = { userId: "2", username: "anna", displayName: "Anna Maria" };
const layla = { userId: "3", username: "layla", displayName: "ليلى" };
const people = [layla, benoit, anna];

it("is the word with an @ that ends at the caret", () => {
  expect(mentionAt("hello @be", 9)).toEqual({ start: 6, written: "be" });
  expect(mentionAt("@", 1)).toEqual({ start: 0, written: "" });
  expect(mentionAt("مرحبا @لي", 9)).toEqual({ start: 6, written: "لي" });
  expect(mentionAt("hello @be and", 8)).toEqual({ start: 6, written: "b" });
  for (const text of ["hello", "me@be", "@be ", ""]) expect(mentionAt(text, text.length)).toBeUndefined();
});

it("offers those whose names begin so, whatever case and accents", () => {
  const names = (written: string) => offered(written, people).map(({ username }) => username);
  expect(names("BENOI")).toEqual(["ben.oit"]);
  expect(names("ben.")).toEqual(["ben.oit"]);
  expect(names("mar")).toEqual(["anna"]);
  expect(names("لي")).toEqual(["layla"]);
  expect(names("oit")).toEqual([]);
  expect(names("")).toHaveLength(3);
});

it("leaves every part of a text where it was", () => {
  const text = "@anna, ask @Benoît or @nobody";
  const parts = partsOf(text, people);
  expect(parts.map((part) => part.text).join("")).toBe(text);
  expect(parts.filter(({ userIds }) => userIds.length > 0).map((part) => part.text)).toEqual(["@anna", "@Benoît"]);
  expect(partsOf("", people)).toEqual([]);
});
