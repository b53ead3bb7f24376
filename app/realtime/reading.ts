import type { TimelineMessage, TimelineTranslation } from "./messages.ts";

/** How a reader meets a message: which words they see, and what is to be said of them. */
export type Reading =
  | { readonly kind: "original" }
  /** In the reader's language, with the original at hand. */
  | { readonly kind: "translated"; readonly translation: TimelineTranslation }
  /** As written, until the translation comes. */
  | { readonly kind: "pending" }
  /** As written, because no translation was good enough. `reason` is a stable word such as "low_score". */
  | { readonly kind: "kept"; readonly reason: string };

/** What somebody reads: what is written in another language is translated into the first of these. */
export interface Reader {
  /** BCP 47 code. */
  readonly readingLanguage: string;
  /** Languages whose messages are left as they are. */
  readonly alsoReads: readonly string[];
  /** False: nothing is translated where they read. */
  readonly translates: boolean;
}

/** My words as I wrote them; another person's in my language wherever they are translated and that can be trusted. */
export function readingOf(message: TimelineMessage, isMine: boolean, reader: Reader): Reading {
  const { translation, language, deletedAt } = message;
  const { readingLanguage, alsoReads, translates } = reader;
  const isAsWritten = isMine || deletedAt > 0 || !translates;
  if (isAsWritten || language === readingLanguage || alsoReads.includes(language)) return { kind: "original" };
  if (translation === undefined) return { kind: "pending" };
  switch (translation.kind) {
    case "same":
      return { kind: "original" };
    case "translated":
      return { kind: "translated", translation };
    case "doubtful":
    case "failed":
      return { kind: "kept", reason: translation.reason };
  }
}

/** The words that the reader sees first. */
export function wordsOf(
  message: TimelineMessage,
  reading: Reading,
): { readonly text: string; readonly language: string } {
  return reading.kind === "translated" ? reading.translation : message;
}
