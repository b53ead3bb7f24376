import clsx from "clsx";
import type { Unsent } from "../realtime/timeline.ts";
import { isStringKey } from "../strings.ts";
import { useStrings } from "../use-strings.ts";
import { Button } from "./button.tsx";
import { textAttributes } from "./languages.ts";
import type { ConversationActions } from "./use-conversation.ts";

interface Props {
  readonly item: Unsent;
  /** Whether it is the first of my run. */
  readonly startsGroup: boolean;
  readonly actions: ConversationActions;
}

/** A message of mine that is on its way, or that the room refused. */
export function UnsentItem({ item, startsGroup, actions }: Props) {
  const t = useStrings();
  const { clientMessageId, text, state, errorCode } = item;
  const key = `error_${errorCode}`;
  return (
    <article aria-label={t("you")} className={clsx("flex flex-col items-end", startsGroup ? "pt-4" : "pt-2")}>
      <p
        className="max-w-[85%] rounded-2xl bg-mine px-4 py-2.5 wrap-anywhere whitespace-pre-wrap md:max-w-[36rem]"
        {...textAttributes("")}
      >
        {text}
      </p>
      {state === "failed" ? (
        <div role="alert" className="flex flex-wrap items-center justify-end gap-1 text-sm">
          <span className="text-danger">{t("notSent", { reason: t(isStringKey(key) ? key : "error_other") })}</span>
          <Button type="button" kind="quiet" onClick={() => actions.retry(item)}>
            {t("retry")}
          </Button>
          <Button type="button" kind="quiet" onClick={() => actions.discard(clientMessageId)}>
            {t("discard")}
          </Button>
        </div>
      ) : (
        <p className="px-1 pt-1 text-xs text-muted">{t(state)}</p>
      )}
    </article>
  );
}
