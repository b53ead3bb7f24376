import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { embeddedModel } from "../translation-node.ts";
import { describeModel } from "./description.ts";
import { ModelTokenizer } from "./tokenizer.ts";

const model = describeModel(embeddedModel);
const read = (file: string): object => JSON.parse(readFileSync(`${embeddedModel}/${file}`, "utf8"));
const tokenizer = new ModelTokenizer(
  { tokenizer: read("tokenizer.json"), config: read("tokenizer_config.json") },
  model,
);

it("writes source sentences as NLLB models read them: language tag, pieces, end", () => {
  const { ids } = tokenizer.encode("Hello", "en", "fr");
  expect(ids[0]).toBe(tokenizer.tag("en"));
  expect(ids.at(-1)).toBe(model.eos);
  expect(tokenizer.decode(ids)).toBe("Hello");
});

it.each(["See you at <ph0>, <ph1>!", "À demain, ça va ?", "¿Qué tal?", "明天见！", "お元気ですか？", "كيف حالك؟"])(
  "gives %j back",
  (text) => {
    expect(tokenizer.decode(tokenizer.encode(text, "en", "fr").ids)).toBe(text);
  },
);

it("spells what its vocabulary lacks, and says how much that was", () => {
  const { ids, unknown } = tokenizer.encode("ᚠᚢ", "en", "fr");
  expect(tokenizer.decode(ids)).toBe("ᚠᚢ");
  expect(unknown).toBeGreaterThan(0.4);
  expect(tokenizer.encode("Good morning", "en", "fr").unknown).toBe(0);
});

it("keeps each placeholder one token", () => {
  const one = tokenizer.encode("<ph3>", "en", "fr").ids.length;
  expect(tokenizer.encode("<ph3> <ph4>", "en", "fr").ids.length).toBeLessThanOrEqual(one + 2);
});
