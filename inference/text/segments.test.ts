import { expect, it } from "vitest";
import { join } from "./join.ts";
import { segment } from "./segments.ts";
import { mask } from "./spans.ts";

function coresOf(text: string, language = "en"): string[] {
  const { text: masked, spans } = mask(text);
  return segment(masked, language, spans)
    .map(({ core }) => core)
    .filter((core) => core !== "");
}

it.each([
  ["Good morning. How are you? Fine!", "en", ["Good morning.", "How are you?", "Fine!"]],
  ["I saw Dr. Smith at St. Mary's. He waved.", "en", ["I saw Dr. Smith at St. Mary's.", "He waved."]],
  ["Das ist z.B. gut. Oder?", "de", ["Das ist z.B. gut.", "Oder?"]],
  ["你好。我很好！你呢？", "zh", ["你好。", "我很好！", "你呢？"]],
  ["元気ですか？はい、元気です。", "ja", ["元気ですか？", "はい、元気です。"]],
  ["كيف حالك؟ أنا بخير.", "ar", ["كيف حالك؟", "أنا بخير."]],
  ["First line\nSecond line", "en", ["First line", "Second line"]],
  ["- milk\n- bread\n> a quote", "en", ["milk", "bread", "a quote"]],
  ["**Important** news", "en", ["**Important** news"]],
  ["- call **Anna**", "en", ["call **Anna**"]],
  ["**Important news!**", "en", ["Important news!"]],
  ["😀 Hello 👋 there! 🎉", "en", ["Hello \uE001 there!"]],
])("cuts %j into sentences", (text, language, expected) => {
  expect(coresOf(text, language)).toEqual(expected);
});

it("does not cut inside a link or a number", () => {
  const cores = coresOf("Look at https://a.example/x?y=1. It costs 3.50 now.");
  expect(cores).toHaveLength(2);
});

it("cuts a sentence that is too long for the model where it breathes", () => {
  const long = `${"one two three four five six seven eight nine ten, ".repeat(20)}end.`;
  const cores = coresOf(long);
  expect(cores.length).toBeGreaterThan(2);
  expect(Math.max(...cores.map((core) => core.length))).toBeLessThanOrEqual(280);
  expect(cores.every((core) => core.endsWith(",") || core.endsWith("."))).toBe(true);
});

it.each(["Hello there. Bye!\n\n- a\n- b 5\n", "  😀  ", "a\n\n\nb", "x".repeat(3_000), "…?! 5 @x"])(
  "loses nothing of %j",
  (text) => {
    const { text: masked, spans } = mask(text);
    const whole = segment(masked, "en", spans).map(({ before, core, after }) => before + core + after);
    expect(whole.join("")).toBe(masked);
  },
);

it("spaces sentences as the target language does", () => {
  const english = segment("Hello. Bye.", "en", []);
  expect(join(english, ["你好。", "再见。"], "en", "zh")).toBe("你好。再见。");
  expect(join(english, ["Bonjour.", "Salut."], "en", "fr")).toBe("Bonjour. Salut.");
  const chinese = segment("你好。再见。", "zh", []);
  expect(join(chinese, ["Hello.", "Bye."], "zh", "en")).toBe("Hello. Bye.");
  const lines = segment("Hello.\nBye.", "en", []);
  expect(join(lines, ["你好。", "再见。"], "en", "zh")).toBe("你好。\n再见。");
});
