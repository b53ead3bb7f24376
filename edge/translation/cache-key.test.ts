import { expect, it } from "vitest";
import { cacheKeys, partitionOf } from "./cache-key.ts";

const parts = { text: "Good morning", sourceLanguage: "en", targetLanguage: "fr", partition: "" };

it("gives the same key to texts that differ only in Unicode form and outer white space", async () => {
  const key = cacheKeys("a secret of at least thirty-two characters");
  expect(await key({ ...parts, text: "cafe\u0301 " })).toBe(await key({ ...parts, text: "caf\u00e9" }));
});

it("gives different keys to everything else", async () => {
  const key = cacheKeys("a secret of at least thirty-two characters");
  const others = [
    { ...parts, text: "good morning" },
    { ...parts, sourceLanguage: "" },
    { ...parts, targetLanguage: "de" },
    { ...parts, partition: "c1" },
  ];
  const keys = await Promise.all([parts, ...others].map(key));
  keys.push(await cacheKeys("another secret of thirty-two characters")(parts));
  expect(new Set(keys).size).toBe(6);
  for (const one of keys) expect(one).toMatch(/^[\w-]{43}$/);
});

it("shares short phrases and keeps longer texts within their conversation", () => {
  expect(partitionOf("See you tomorrow!", "c1")).toBe("");
  expect(partitionOf("x".repeat(51), "c1")).toBe("c1");
});
