import { Pin } from "lucide-react";
import { Dialog } from "radix-ui";
import { useRef, useState } from "react";
import type { TimelineMessage } from "../realtime/messages.ts";
import { pinnedIn } from "../realtime/pins.ts";
import { type Reader, readingOf, wordsOf } from "../realtime/reading.ts";
import type { Timeline } from "../realtime/timeline.ts";
import { useStrings } from "../use-strings.ts";
import { Button, buttonStyle } from "./button.tsx";
import { DialogCard } from "./dialog.tsx";
import { textAttributes } from "./languages.ts";
import type { ConversationActions } from "./use-conversation.ts";

interface Props {
  readonly timeline: Timeline;
  readonly reader: Reader;
  readonly actions: ConversationActions;
}

/** The newest pinned message, in one line that opens the list of all of them. */
export function PinnedBar({ timeline, reader, actions }: Props) {
  const t = useStrings();
  const [isOpen, setOpen] = useState(false);
  /** Id of the message to go to when the list closes. */
  const target = useRef("");
  const { userId, members } = timeline;
  const pinned = pinnedIn(timeline);
  const [newest] = pinned;
  const loaded = new Set(timeline.messages.map(({ id }) => id));
  const nameOf = (id: string) => (id === userId ? t("you") : (members.get(id)?.displayName ?? t("somebody")));
  if (newest === undefined && !isOpen) return null;

  function show(id: string) {
    target.current = id;
    setOpen(false);
  }
  function onCloseAutoFocus(event: Event) {
    const message = document.querySelector(`[data-message="${CSS.escape(target.current)}"]`);
    const next = message?.querySelector("button") ?? (pinned.length === 0 ? logOf() : null);
    target.current = "";
    if (next === null) return;
    event.preventDefault();
    message?.scrollIntoView({ block: "center" });
    next.focus({ preventScroll: true });
  }
  const words = { reader, userId, nameOf };
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      {newest !== undefined && (
        <Dialog.Trigger className="flex min-h-11 w-full items-center gap-2 border-b border-line bg-surface px-3 text-start text-sm text-muted hover:bg-soft md:px-6">
          <Pin aria-hidden size={16} className="shrink-0" />
          <span className="sr-only">{t("pinnedCount", { count: pinned.length })}</span>
          <span className="min-w-0 flex-1 truncate">
            <Words message={newest} {...words} />
          </span>
          {pinned.length > 1 && <span aria-hidden>{pinned.length}</span>}
        </Dialog.Trigger>
      )}
      <DialogCard
        title={t("pinnedMessages")}
        description={t("pinnedCount", { count: pinned.length })}
        onCloseAutoFocus={onCloseAutoFocus}
      >
        <ul className="grid max-h-[50vh] gap-3 overflow-y-auto">
          {pinned.map((message) => (
            <li key={message.id} className="grid gap-1 rounded-xl border border-line p-3">
              <p className="wrap-anywhere whitespace-pre-wrap">
                <Words message={message} {...words} />
              </p>
              <p className="text-sm text-muted">
                {message.pinnedBy === userId ? t("pinnedByYou") : t("pinnedBy", { name: nameOf(message.pinnedBy) })}
              </p>
              <span className="flex justify-end">
                {loaded.has(message.id) && (
                  <Button type="button" kind="quiet" onClick={() => show(message.id)}>
                    {t("showMessage")}
                  </Button>
                )}
                {members.get(userId)?.role !== "guest" && (
                  <Button type="button" kind="quiet" onClick={() => actions.pin(message.id, true)}>
                    {t("unpin")}
                  </Button>
                )}
              </span>
            </li>
          ))}
        </ul>
        <Dialog.Close className={buttonStyle("secondary")}>{t("close")}</Dialog.Close>
      </DialogCard>
    </Dialog.Root>
  );
}

interface WordsProps {
  readonly message: TimelineMessage;
  readonly reader: Reader;
  readonly userId: string;
  readonly nameOf: (userId: string) => string;
}

/** Who wrote a message, and its words as this reader reads them. */
function Words({ message, reader, userId, nameOf }: WordsProps) {
  const { text, language } = wordsOf(message, readingOf(message, message.authorId === userId, reader));
  return (
    <>
      <bdi className="font-medium">{nameOf(message.authorId)}</bdi>:{" "}
      <span {...textAttributes(language)} className="[unicode-bidi:isolate]">
        {text}
      </span>
    </>
  );
}

const logOf = () => document.querySelector<HTMLElement>("[role=log]");
