import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Row } from "./engine/messages.ts";
import { describeModel } from "./models/description.ts";
import { ModelTokenizer } from "./models/tokenizer.ts";
import { readMessage, TextTranslator, withoutModel } from "./text-translator.ts";
import { embeddedModel } from "./translation-node.ts";

const model = describeModel(embeddedModel);
const read = (file: string): object => JSON.parse(readFileSync(`${embeddedModel}/${file}`, "utf8"));
const tokenizer = new ModelTokenizer(
  { tokenizer: read("tokenizer.json"), config: read("tokenizer_config.json") },
  model,
);

/** A translator over the real vocabulary whose model is a function of the text; it is as sure as told. */
function newTranslator(say: (text: string) => string, score = -0.05) {
  const seen: string[] = [];
  const translator = new TextTranslator({
    model: { maxTokens: model.maxTokens, calibration: undefined },
    tokenizer,
    run: async ({ source }: Row) => {
      const text = tokenizer.decode(source);
      seen.push(text);
      return { ids: tokenizer.encode(say(text), "fr", "en").ids.slice(1, -1), score };
    },
  });
  const translate = async (text: string, target = "fr", sourceLanguage: string | undefined = "en") => {
    const message = readMessage({ text, sourceLanguage, hints: [] });
    return withoutModel(message, target) ?? translator.translate(message, target);
  };
  return { translate, seen };
}

describe("a translation", () => {
  it("is made sentence by sentence, and keeps lines, lists and emoji where they were", async () => {
    const { translate, seen } = newTranslator((text) => `le ${text}`);
    const translation = await translate("Hello there. How are you? 😀\n- a good day\n");
    expect(seen).toEqual(["Hello there.", "How are you?", "a good day"]);
    expect(translation.text).toBe("le Hello there. le How are you? 😀\n- le a good day\n");
  });

  it("hands the model placeholders and puts back what they stand for, wherever the model moves them", async () => {
    const { translate, seen } = newTranslator(() => "à <ph1> avec <ph0> demain");
    const translation = await translate("Meet me and @bob at 18:30 please");
    expect(seen).toEqual(["Meet me and <ph0> at <ph1> please"]);
    expect(translation).toMatchObject({ status: "translated", text: "à 18:30 avec @bob demain" });
  });

  it("is made without markers of emphasis, which go around what their words became", async () => {
    const say = (text: string) => (text === "the big keys" ? "les grandes clés." : "n'oublie pas les grandes clés");
    const { translate, seen } = newTranslator(say);
    const { text } = await translate("Do not forget **the big keys** please");
    expect(seen.toSorted()).toEqual(["Do not forget the big keys please", "the big keys"]);
    expect(text).toBe("n'oublie pas **les grandes clés**");
  });

  it("keeps every span when the model loses one: it then translates what lies between", async () => {
    const { translate, seen } = newTranslator((text) => text.replaceAll(/<ph\d>/g, "").replace("Meet", "Voir"));
    const translation = await translate("Meet me and @bob at 18:30 please");
    expect(seen.slice(1)).toEqual(["Meet me and", "at", "please"]);
    expect(translation.text).toBe("Voir me and @bob at 18:30 please");
  });

  it("says why it is not to be trusted, and gives the best there is", async () => {
    const unsure = await newTranslator(() => "quelque chose", -3).translate("What a lovely evening");
    expect(unsure).toMatchObject({
      status: "low_confidence",
      doubt: "low_score",
      text: "quelque chose",
    });
    const copied = await newTranslator((text) => text).translate("What a lovely evening");
    expect(copied.doubt).toBe("copy");
    const unknown = await newTranslator(() => "bon").translate("ᚠᚢᚦᚨᚱᚲ ᚷᚹᚺᚾᛁᛃ");
    expect(unknown.doubt).toBe("unknown_words");
  });

  it("is not asked for where there is nothing to translate", async () => {
    const { translate, seen } = newTranslator(() => "x");
    for (const text of ["👍👍", "https://example.com/page", "18:30", "@bob #tag", "...?!"]) {
      const translation = await translate(text, "fr", undefined);
      expect(translation).toMatchObject({ status: "nothing_to_translate", text });
    }
    expect(await translate("Bonjour", "fr", "fr")).toMatchObject({
      status: "same_language",
      text: "Bonjour",
    });
    expect(seen).toEqual([]);
  });

  it("survives a message of the longest kind without spaces or full stops", async () => {
    const { translate } = newTranslator(() => "mot");
    const translation = await translate("word".repeat(2_500));
    expect(translation.text.length).toBeGreaterThan(0);
  });
});
