import { useEffect, useId, useState } from "react";
import type { TimelineMessage, TimelineTranslation } from "../realtime/messages.ts";
import { isStringKey, type StringKey } from "../strings.ts";
import { useLocale, useStrings } from "../use-strings.ts";
import { languageName, textAttributes } from "./languages.ts";

/** Milliseconds after which nothing more is said of a translation that has not come. */
const translatingAtMost = 15_000;

interface Props {
  readonly message: TimelineMessage;
  readonly isMine: boolean;
  readonly readingLanguage: string;
}

/** My words as I wrote them; another person's in my language, with the original at hand. */
export function MessageBody({ message, isMine, readingLanguage }: Props) {
  const { translation, language, text } = message;
  if (isMine || language === readingLanguage || translation?.kind === "same") {
    return <Text language={language} text={text} />;
  }
  if (translation === undefined) return <Untranslated message={message} />;
  if (translation.kind === "translated") return <Translated message={message} translation={translation} />;
  return <KeptAsWritten message={message} translation={translation} kind={translation.kind} />;
}

function Text({ language, text }: { readonly language: string; readonly text: string }) {
  return (
    <p className="wrap-anywhere whitespace-pre-wrap" {...textAttributes(language)}>
      {text}
    </p>
  );
}

const noteStyle = "pt-1 text-sm text-muted";

function Untranslated({ message }: { readonly message: TimelineMessage }) {
  const t = useStrings();
  const isPending = useYoungerThan(message.receivedAt, translatingAtMost);
  return (
    <>
      <Text language={message.language} text={message.text} />
      {isPending && <p className={noteStyle}>{t("translating")}</p>}
    </>
  );
}

interface TranslatedProps {
  readonly message: TimelineMessage;
  readonly translation: TimelineTranslation;
}

function Translated({ message, translation }: TranslatedProps) {
  const t = useStrings();
  const from = languageName(message.language, useLocale());
  const [isOpen, setOpen] = useState(false);
  const originalId = useId();
  return (
    <>
      <Text language={translation.language} text={translation.text} />
      <div className={`${noteStyle} flex flex-wrap items-center gap-x-3`}>
        <span>{from === "" ? t("translated") : t("translatedFrom", { language: from })}</span>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={originalId}
          onClick={() => setOpen(!isOpen)}
          className="min-h-6 rounded underline underline-offset-2 hover:text-ink"
        >
          {t(isOpen ? "hideOriginal" : "showOriginal")}
        </button>
      </div>
      <div id={originalId} hidden={!isOpen} className="mt-2 border-t border-line pt-2">
        <Text language={message.language} text={message.text} />
      </div>
    </>
  );
}

function KeptAsWritten({ message, translation, kind }: TranslatedProps & { readonly kind: "doubtful" | "failed" }) {
  const t = useStrings();
  return (
    <>
      <Text language={message.language} text={message.text} />
      <p className={noteStyle}>{t(kind, { reason: t(reasonKey(translation.reason)) })}</p>
    </>
  );
}

function reasonKey(reason: string): StringKey {
  const key = `reason_${reason}`;
  return isStringKey(key) ? key : "reason_other";
}

/** Whether less than `ms` have passed since an instant; turns false by itself. */
function useYoungerThan(since: number, ms: number): boolean {
  const [isYoung, setYoung] = useState(true);
  useEffect(() => {
    setYoung(true);
    const timer = setTimeout(() => setYoung(false), Math.max(0, since + ms - Date.now()));
    return () => clearTimeout(timer);
  }, [since, ms]);
  return isYoung;
}
