import type { TimelineMessage } from "../realtime/messages.ts";
import { type Reader, readingOf, wordsOf } from "../realtime/reading.ts";
import { useStrings } from "../use-strings.ts";
import { textAttributes } from "./languages.ts";

interface Props {
  /** The message that is answered; undefined when it is older than what is loaded. */
  readonly message: TimelineMessage | undefined;
  readonly author: string;
  readonly isMine: boolean;
  readonly reader: Reader;
}

/** The message that another one answers, in the reader's language as far as it has been translated. */
export function Quote({ message, author, isMine, reader }: Props) {
  const t = useStrings();
  if (message === undefined)
    return <p className="border-s-2 border-line ps-2 text-sm text-muted">{t("earlierMessage")}</p>;
  const { text, language } = wordsOf(message, readingOf(message, isMine, reader));
  return (
    <blockquote className="border-s-2 border-accent ps-2 text-sm text-muted">
      <bdi className="font-medium">{author}</bdi>
      <p className="line-clamp-2 wrap-anywhere" {...textAttributes(language)}>
        {message.deletedAt > 0 ? t("deleted") : text}
      </p>
    </blockquote>
  );
}
