import clsx from "clsx";
import { Check, SendHorizontal } from "lucide-react";
import {
  type FormEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { TimelineMessage } from "../realtime/messages.ts";
import { useStrings } from "../use-strings.ts";
import { Button } from "./button.tsx";
import { useMentionSuggestions } from "./mention-suggestions.tsx";
import type { ConversationActions } from "./use-conversation.ts";

/** UTF-16 code units that a message may have, and from how many left on a counter is shown. */
const maxLength = 10_000;
const countFrom = 500;
/** Milliseconds: how often "typing" is told, and after what pause it ends. */
const tellEvery = 3_000;
const pauseAfter = 4_000;

interface Props {
  /** The message being edited; undefined: a new one is written. */
  readonly edited: TimelineMessage | undefined;
  readonly onEditEnd: () => void;
  /** The message being answered; undefined: none. */
  readonly answered: TimelineMessage | undefined;
  readonly answeredAuthor: string;
  readonly onReplyEnd: () => void;
  readonly actions: ConversationActions;
}

export function Composer({ edited, onEditEnd, answered, answeredAuthor, onReplyEnd, actions }: Props) {
  const t = useStrings();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useDraft(edited);
  const tellTyping = useTyping(actions);
  const isEditing = edited !== undefined;
  const left = maxLength - text.length;
  const canSend = text.trim() !== "" && left >= 0;

  const mentions = useMentionSuggestions({ field, text, onText: write });

  useFocus(field, edited ?? answered);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [text]);

  function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!canSend) return;
    tellTyping(false);
    if (edited === undefined) actions.send(text, answered?.id ?? "");
    else if (text !== edited.text) actions.edit(edited.id, text);
    setText("");
    onEditEnd();
    onReplyEnd();
    field.current?.focus();
  }
  function write(newText: string) {
    setText(newText);
    tellTyping(newText !== "");
  }
  function onKeyDown(event: KeyboardEvent) {
    if (mentions.onKeyDown(event)) return;
    // Enter that ends the composition of a Japanese or Chinese word does not send.
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
    if (event.key === "Escape") {
      onEditEnd();
      onReplyEnd();
    }
  }

  return (
    <form
      onSubmit={submit}
      className="border-t border-line bg-surface px-3 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] md:px-6"
    >
      {isEditing && <Purpose words={t("editing")} onCancel={onEditEnd} />}
      {!isEditing && answered !== undefined && (
        <Purpose words={t("replying", { name: answeredAuthor })} onCancel={onReplyEnd} />
      )}
      <div className="relative flex items-end gap-2">
        {mentions.list}
        <textarea
          ref={field}
          {...mentions.attributes}
          aria-label={t("message")}
          placeholder={t("messagePlaceholder")}
          dir="auto"
          rows={1}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
          aria-describedby={isEditing || answered !== undefined ? "purpose characters" : "characters"}
          className="max-h-48 min-h-11.5 flex-1 resize-none rounded-2xl border border-control bg-page px-4 py-2.5"
        />
        <Button disabled={!canSend} aria-label={t(isEditing ? "save" : "send")} className="min-h-11.5 px-3.5">
          {isEditing ? (
            <Check aria-hidden size={20} />
          ) : (
            <SendHorizontal aria-hidden size={20} className="rtl:rotate-180" />
          )}
        </Button>
      </div>
      <p id="characters" role="status" className={clsx("text-sm", left < 0 ? "text-danger" : "text-muted")}>
        {left <= countFrom && t(left < 0 ? "charactersOver" : "charactersLeft", { count: Math.abs(left) })}
      </p>
    </form>
  );
}

/** Says what becomes of the text when it is not simply a new message. */
function Purpose({ words, onCancel }: { readonly words: string; readonly onCancel: () => void }) {
  const t = useStrings();
  return (
    <div className="flex items-center justify-between pb-2 text-sm text-muted">
      <p id="purpose">{words}</p>
      <Button type="button" kind="quiet" onClick={onCancel}>
        {t("cancel")}
      </Button>
    </div>
  );
}

/** The text in the field: that of the edit while there is one, and afterwards the new message that was begun before. */
function useDraft(edited: TimelineMessage | undefined) {
  const [begun, setBegun] = useState("");
  const [revised, setRevised] = useState({ of: edited, text: "" });
  if (edited === undefined) return [begun, setBegun] as const;
  const text = revised.of === edited ? revised.text : edited.text;
  return [text, (newText: string) => setRevised({ of: edited, text: newText })] as const;
}

/** Puts the focus into the field: for somebody with a keyboard at once, for everybody when an edit begins or ends. */
function useFocus(field: RefObject<HTMLTextAreaElement | null>, subject: TimelineMessage | undefined): void {
  const isFirst = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus follows what is edited or answered
  useEffect(() => {
    // On a phone the focus would bring up the keyboard over what was to be read.
    if (!isFirst.current || matchMedia("(pointer: fine)").matches) field.current?.focus();
    isFirst.current = false;
  }, [field, subject]);
}

/** Tells the others that I am typing: not at every key, and that I stopped after a pause. */
function useTyping(actions: ConversationActions): (typing: boolean) => void {
  const toldAt = useRef(0);
  const pause = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(pause.current), []);
  return function tell(typing) {
    clearTimeout(pause.current);
    const now = Date.now();
    if (typing) {
      if (now - toldAt.current >= tellEvery) {
        toldAt.current = now;
        actions.typing(true);
      }
      pause.current = setTimeout(() => tell(false), pauseAfter);
    } else if (toldAt.current > 0) {
      toldAt.current = 0;
      actions.typing(false);
    }
  };
}
