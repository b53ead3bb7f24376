import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from "react";
import { handleOf, type Mentionable } from "../../proto/mentions.ts";
import { mentionAt, offered } from "../realtime/mention-query.ts";
import { useStrings } from "../use-strings.ts";
import { usePeople } from "./mentions.tsx";

interface Parts {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  readonly onText: (text: string) => void;
}

/**
 * Offers people while somebody writes "@" and the beginning of a name. `list` stands beside the field, which is given
 * `attributes`; `onKeyDown` says whether a key was for the list.
 */
export function useMentionSuggestions({ field, text, onText }: Parts) {
  const { userId, people } = usePeople();
  const id = useId();
  /** Undefined: the caret is not in the field. */
  const [caret, setCaret] = useState<number | undefined>(undefined);
  /** Where the mention begins for which the list was closed. */
  const [closedAt, setClosedAt] = useState<number | undefined>(undefined);
  const [chosen, setChosen] = useState(0);
  const caretAfter = useRef<number | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caret is put behind the mention once the text has it
  useLayoutEffect(() => {
    if (caretAfter.current !== undefined) field.current?.setSelectionRange(caretAfter.current, caretAfter.current);
    caretAfter.current = undefined;
    // The mention for which the list was closed is gone.
    if (closedAt !== undefined && text[closedAt] !== "@") setClosedAt(undefined);
  }, [text]);

  const query = caret === undefined ? undefined : mentionAt(text, caret);
  const others = people.filter((person) => person.userId !== userId);
  const found = query === undefined || query.start === closedAt ? [] : offered(query.written, others);
  const active = Math.min(chosen, found.length - 1);
  const isOpen = found.length > 0;

  function follow() {
    const { selectionStart, selectionEnd } = field.current ?? {};
    setCaret(selectionStart === selectionEnd ? selectionStart : undefined);
    setChosen(0);
  }
  function pick(person: Mentionable | undefined) {
    if (person === undefined || query === undefined || caret === undefined) return;
    const mention = `@${handleOf(person, people)} `;
    caretAfter.current = query.start + mention.length;
    onText(text.slice(0, query.start) + mention + text.slice(caret).replace(/^ /, ""));
    setCaret(undefined);
    field.current?.focus();
  }
  function onKeyDown(event: KeyboardEvent): boolean {
    if (!isOpen || event.nativeEvent.isComposing) return false;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setChosen((active + step + found.length) % found.length);
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") pick(found[active]);
    else if (event.key === "Escape") setClosedAt(query?.start);
    else return false;
    event.preventDefault();
    return true;
  }

  return {
    onKeyDown,
    attributes: {
      onSelect: follow,
      onBlur: () => setCaret(undefined),
      "aria-autocomplete": "list",
      ...(isOpen && { "aria-controls": id, "aria-activedescendant": `${id}-${active}` }),
    } as const,
    list: isOpen && <Suggestions id={id} people={found} active={active} onPick={pick} />,
  };
}

interface SuggestionsProps {
  readonly id: string;
  readonly people: readonly Mentionable[];
  readonly active: number;
  readonly onPick: (person: Mentionable) => void;
}

function Suggestions({ id, people, active, onPick }: SuggestionsProps) {
  const t = useStrings();
  return (
    <>
      <div
        id={id}
        role="listbox"
        aria-label={t("mentionSomebody")}
        className="absolute start-0 bottom-full z-10 mb-2 grid w-72 max-w-full rounded-xl border border-line bg-surface p-1 shadow-lg"
      >
        {people.map((person, index) => (
          <button
            key={person.userId}
            id={`${id}-${index}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            // The focus stays in the field.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onPick(person)}
            className="flex min-w-0 items-baseline gap-2 rounded-lg px-3 py-2 text-start hover:bg-soft aria-selected:bg-soft"
          >
            <bdi className="truncate">{person.displayName}</bdi>
            <bdi className="truncate text-sm text-muted">@{person.username}</bdi>
          </button>
        ))}
      </div>
      <p role="status" className="sr-only">
        {t("mentionHint", { count: people.length })}
      </p>
    </>
  );
}
