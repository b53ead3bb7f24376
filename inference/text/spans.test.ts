import { expect, it } from "vitest";
import { mask, masks, unmask } from "./spans.ts";

const spansOf = (text: string): string[] => mask(text).spans.map((span) => span.text);

it.each([
  ["see https://example.com/a?b=c#d. Thanks", ["https://example.com/a?b=c#d"]],
  ["(www.example.org/path/)", ["www.example.org/path/"]],
  ["看看https://example.com/页，很好", ["https://example.com/"]],
  ["write to first.last+tag@mail.example.co.uk!", ["first.last+tag@mail.example.co.uk"]],
  ["@lucas and @ana_b, #weekend2026!", ["@lucas", "@ana_b", "#weekend2026"]],
  ["run `npm ci` now", ["`npm ci`"]],
  ["```\nlet a = 1;\n``` done", ["```\nlet a = 1;\n```"]],
  ["the file report_final.pdf and photo.jpeg", ["report_final.pdf", "photo.jpeg"]],
  ["at 18:30 or 7pm on 24/11/2026", ["18:30", "7pm", "24/11/2026"]],
  ["it costs $12.50, 25 €, 1,299.99 or £5", ["$12.50", "25 €", "1,299.99", "£5"]],
  ["3 km, 20kg and 5 %", ["3 km", "20kg", "5 %"]],
  ["我3点到", ["3"]],
  ["room B12, v2.3.1, flight LH-454", ["B12", "v2.3.1", "LH-454"]],
  ["the 3rd of 5", ["3rd", "5"]],
  ["ok 👍🏽 👨‍👩‍👧‍👦 🇫🇷 ❤️ :tada:", ["👍🏽", "👨‍👩‍👧‍👦", "🇫🇷", "❤️", ":tada:"]],
  ["+33 6 12 34 56 78", ["+33", "6", "12", "34", "56", "78"]],
  ["no spans, at all: none.", []],
  ["a ratio of words: this or that", []],
])("keeps away from the model what must not change: %j", (text, expected) => {
  expect(spansOf(text)).toEqual(expected);
});

it("gives every text back as it was", () => {
  const text = "Hi @bob, 3 km: https://x.example/?q=1 😀 `code` — report.pdf costs $5.";
  const { text: masked, spans } = mask(text);
  expect(masked.match(masks)).toHaveLength(spans.length);
  expect(unmask(masked, spans)).toBe(text);
});

it("does not take private-use characters of the text for its own", () => {
  const { text, spans } = mask("a \uE000 b 5");
  expect(unmask(text, spans)).toBe("a  b 5");
});

it("survives a text that is all spans, more than there are characters for them", () => {
  const text = "1 ".repeat(5_000);
  const { text: masked, spans } = mask(text);
  expect(unmask(masked, spans)).toBe(text);
});
