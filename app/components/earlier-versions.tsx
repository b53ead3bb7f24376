import { useFetcher, useParams } from "@remix-run/react";
import { Dialog } from "radix-ui";
import type { loader } from "../routes/conversations_.$id.revisions.$messageId.ts";
import { useLocale, useStrings } from "../use-strings.ts";
import { buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";
import { textAttributes } from "./languages.ts";

interface Props {
  readonly messageId: string;
  readonly timeZone: string;
}

/** Says that a message was edited, and opens what it said before. */
export function EarlierVersions({ messageId, timeZone }: Props) {
  const t = useStrings();
  const locale = useLocale();
  const { id = "" } = useParams();
  const fetcher = useFetcher<typeof loader>();
  const versions = fetcher.data?.revisions.toReversed() ?? [];
  const isLoading = fetcher.state !== "idle";

  function onOpenChange(isOpen: boolean) {
    if (isOpen) fetcher.load(`/conversations/${id}/revisions/${messageId}`);
  }
  const when = (time: string) =>
    new Date(time).toLocaleString(locale, { timeZone, dateStyle: "medium", timeStyle: "short" });

  return (
    <Dialog.Root onOpenChange={onOpenChange}>
      <Dialog.Trigger
        aria-label={t("showVersions")}
        className="-my-1 min-h-6 rounded underline underline-offset-2 hover:text-ink"
      >
        {t("edited")}
      </Dialog.Trigger>
      <DialogCard title={t("versionsTitle")} description={t("versionsHint")}>
        <ol aria-busy={isLoading} className="grid max-h-[50dvh] min-h-12 gap-3 overflow-y-auto">
          {versions.map(({ revision, text, language, createdAt }, index) => (
            <li key={revision} className="border-s-2 border-line ps-3">
              <p className="text-sm text-muted">
                {index === 0 ? t("versionNow", { time: when(createdAt) }) : when(createdAt)}
              </p>
              <p className="wrap-anywhere whitespace-pre-wrap" {...textAttributes(language)}>
                {text}
              </p>
            </li>
          ))}
          {!isLoading && fetcher.data !== undefined && versions.length === 0 && <li>{t("deleted")}</li>}
        </ol>
        <div className="flex justify-end">
          <Dialog.Close className={buttonStyle("secondary")}>{t("close")}</Dialog.Close>
        </div>
      </DialogCard>
    </Dialog.Root>
  );
}
