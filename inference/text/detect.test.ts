import { expect, it } from "vitest";
import { detect } from "./detect.ts";

it.each([
  ["en", "Good morning, how are you?"],
  ["en", "Can you send me the address, please?"],
  ["fr", "Merci, à demain !"],
  ["fr", "Tu viens avec nous ce soir ?"],
  ["es", "¿Dónde estás? Te espero aquí."],
  ["es", "Mañana no puedo, lo siento."],
  ["de", "Ich komme etwas später, warte nicht auf mich."],
  ["pt", "Você já chegou em casa?"],
  ["pt", "Não sei o que fazer amanhã."],
  ["zh", "明天见！"],
  ["ja", "お元気ですか？"],
  ["ja", "電車が遅れています。"],
  ["ar", "كيف حالك اليوم؟"],
])("finds %s in %j", (language, text) => {
  expect(detect(text, []).language).toBe(language);
});

it("believes what the author usually writes when the text says little", () => {
  expect(detect("ok", ["de"]).language).toBe("de");
  expect(detect("no", ["es"]).language).toBe("es");
  expect(detect("了解", ["ja"]).language).toBe("ja");
});

it("believes a clear text over what the author usually writes", () => {
  expect(detect("Where did you put the keys to the house?", ["fr"]).language).toBe("en");
  expect(detect("Je ne sais pas où sont les clés de la maison.", ["en"]).language).toBe("fr");
});

it("is surer of a longer text", () => {
  const short = detect("Das ist gut", []).confidence;
  expect(detect("Das ist gut, aber wir müssen noch eine Stunde warten.", []).confidence).toBeGreaterThan(short);
});

it("tells that it does not know a text without letters", () => {
  expect(detect("...", ["pt"])).toEqual({ language: "pt", confidence: 0 });
});
