import { describe, expect, it } from "vitest";
import { describeModel } from "./models/description.ts";
import { route } from "./routing.ts";
import { readMessage } from "./text-translator.ts";
import { embeddedModel } from "./translation-node.ts";

const description = describeModel(embeddedModel);
const model = (name: string, way?: "short" | "long" | "embedded", languages = description.languages) => ({
  name,
  route: way,
  description: { ...description, languages },
});
const all = [model("embedded", "embedded"), model("nllb", "long"), model("madlad", "short"), model("other")];

const names = (text: string, asked?: string, models = all) =>
  route(models, {
    message: readMessage({ text, sourceLanguage: "en", hints: [] }),
    target: "fr",
    model: asked,
    shortCharacters: 50,
  }).map(({ name }) => name);

describe("a message goes", () => {
  it("to the model for short ones when it is one sentence of at most fifty characters", () => {
    expect(names("See you tomorrow!")).toEqual(["madlad", "nllb", "embedded"]);
    expect(names("x".repeat(50))[0]).toBe("madlad");
    expect(names("x".repeat(51))[0]).toBe("nllb");
  });

  it("to the model for long ones when it is short but has several sentences or lines", () => {
    expect(names("No. I can't. Sorry.")).toEqual(["nllb", "embedded"]);
    expect(names("milk\nbread")).toEqual(["nllb", "embedded"]);
  });

  it("to the model that is asked for, and then where it would have gone", () => {
    expect(names("See you!", "other")).toEqual(["other", "madlad", "nllb", "embedded"]);
    expect(names("See you!", "nllb")).toEqual(["nllb", "madlad", "embedded"]);
  });

  it("to the embedded model when there is no other", () => {
    expect(names("See you!", undefined, [model("embedded", "embedded")])).toEqual(["embedded"]);
  });

  it("to no model that lacks one of its languages", () => {
    const models = [...all, model("german", "short", { en: "eng_Latn", de: "deu_Latn" })];
    expect(names("See you!", undefined, models)).not.toContain("german");
  });
});
