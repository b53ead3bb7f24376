import { useEffect, useState } from "react";
import type { TimelineMessage } from "../realtime/messages.ts";
import type { Reading } from "../realtime/reading.ts";
import { isStringKey, type StringKey } from "../strings.ts";
import { useLocale, useStrings } from "../use-strings.ts";
import { languageName } from "./languages.ts";

/** Milliseconds after which nothing more is said of a translation that has not come. */
const translatingAtMost = 15_000;

/** Shows and hides the original that belongs to a translation. */
export interface OriginalToggle {
  /** Id of the element that holds the original. */
  readonly id: string;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}

interface Props {
  readonly message: TimelineMessage;
  readonly reading: Reading;
  readonly original: OriginalToggle;
}

/** Says, beside the time of a message, in which words it is shown and why. */
export function MessageNote({ message, reading, original }: Props) {
  const t = useStrings();
  const language = languageName(message.language, useLocale());
  switch (reading.kind) {
    case "original":
      return null;
    case "pending":
      return <Pending since={message.receivedAt} />;
    case "kept": {
      const reason = t(reasonKey(reading.reason));
      return <span>{language === "" ? t("kept", { reason }) : t("keptIn", { language, reason })}</span>;
    }
    case "translated":
      return (
        <>
          <span>{language === "" ? t("translated") : t("translatedFrom", { language })}</span>
          <button
            type="button"
            aria-expanded={original.isOpen}
            aria-controls={original.id}
            onClick={original.toggle}
            className="-my-1 min-h-6 rounded underline underline-offset-2 hover:text-ink"
          >
            {t(original.isOpen ? "hideOriginal" : "showOriginal")}
          </button>
        </>
      );
  }
}

function Pending({ since }: { readonly since: number }) {
  const t = useStrings();
  return useYoungerThan(since, translatingAtMost) ? <span>{t("translating")}</span> : null;
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
