/** A stretch of text that has to come out exactly as it went in. */
export interface Span {
  readonly text: string;
  /** Says how it may be moved: a symbol at the edge of a sentence is no part of it, an address or number is. */
  readonly kind: "symbol" | "word";
}

/** Text whose spans are each one private-use character, so that nothing takes them apart. */
export interface Masked {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** Private Use Area, U+E000 to U+F8FF: more spans than a message of 10,000 characters is worth are left in the text. */
const first = 0xe000;
const most = 0xf8ff - first + 1;

/** Where an address ends: white space, brackets, and the scripts that write without spaces. */
const outside = String.raw`\s<>"'「」『』（）【】，。！？、；：\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`;
const unit = String.raw`(?:km\/h|kWh|mAh|fps|kHz|MHz|GHz|°C|°F|km|kg|mg|cm|mm|ml|kB|MB|GB|TB|kW|ms|px|[%€£$¥₹])`;
const fileEnding = `(?:pdf|docx?|xlsx?|pptx?|odt|png|jpe?g|gif|svg|webp|zip|tar|gz|csv|tsv|txt|md|mp[34]|wav|mov|json|ya?ml|xml|html?|css|tsx?|jsx?|py|go|rs|java|sh|exe|apk|dmg)`;

const words = [
  "```[\\s\\S]*?```",
  "`[^`\\n]+`",
  String.raw`(?:https?:\/\/|www\.)[^${outside}]*[^${outside}\p{P}]\/?`,
  String.raw`(?<![\p{L}\p{N}._%+\-])[\p{L}\p{N}._%+\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+`,
  String.raw`(?<![\p{L}\p{N}_])[@#][\p{L}\p{N}_](?:[\p{L}\p{N}_.\-]*[\p{L}\p{N}_])?`,
  String.raw`(?<![\p{L}\p{N}_\-])[\p{Script=Latin}\p{N}_\-]+\.${fileEnding}(?![\p{L}\p{N}_])`,
  // Versions, rooms, flights: letters and digits in one word.
  String.raw`(?<![\p{L}\p{N}_])\p{Script=Latin}{1,5}-?\p{Nd}+(?:[.\-]?[\p{Script=Latin}\p{Nd}])*`,
  // Numbers, times, dates and prices, with what is glued to them and a unit.
  String.raw`(?:[$€£¥₹]\s?)?\+?\p{Nd}+(?:[.,:\/\-–]\p{Nd}+)*(?:\s?${unit}(?![\p{L}\p{N}])|\p{Script=Latin}*)`,
];
const symbols = [
  String.raw`(?<![\p{L}\p{N}]):[a-z][a-z0-9_+\-]*:(?![\p{L}\p{N}])`,
  String.raw`\p{RGI_Emoji}`,
  String.raw`\p{Extended_Pictographic}\uFE0F?`,
];

const pattern = new RegExp(`(?<word>${words.join("|")})|(?<symbol>${symbols.join("|")})`, "gv");

/**
 * Finds what must not be translated: code, links, addresses, mentions, hashtags, file names, numbers with their units, emoji
 * and their short codes. Private-use characters of the text itself are dropped: nothing shows them alike twice.
 */
export function mask(text: string): Masked {
  const spans: Span[] = [];
  const masked = text.replace(/[\u{E000}-\u{F8FF}]/gu, "").replace(pattern, (...match) => {
    const { symbol }: { symbol?: string } = match.at(-1);
    const found: string = match[0];
    if (spans.length >= most) return found;
    spans.push({ text: found, kind: symbol === undefined ? "word" : "symbol" });
    return String.fromCharCode(first + spans.length - 1);
  });
  return { text: masked, spans };
}

/** Puts the spans back. */
export const unmask = (text: string, spans: readonly Span[]): string =>
  text.replace(masks, (character) => spanAt(character, spans)?.text ?? "");

/** The span that a private-use character stands for. */
export const spanAt = (character: string, spans: readonly Span[]): Span | undefined =>
  spans[character.charCodeAt(0) - first];

/** Every private-use character. */
export const masks = /[\uE000-\uF8FF]/g;
