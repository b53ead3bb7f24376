import type { TimelineMember } from "../realtime/timeline.ts";
import { useStrings } from "../use-strings.ts";
import { TextField } from "./field.tsx";
import { Question } from "./question.tsx";

/** What is asked about before it is done. */
export type Asked = { readonly kind: "leave" } | { readonly kind: "remove" | "ban"; readonly person: TimelineMember };

interface Props {
  /** Undefined: nothing is asked. */
  readonly asked: Asked | undefined;
  readonly isOwner: boolean;
  readonly onCancel: () => void;
  /** `reason` is that of a ban; empty: none. */
  readonly onAnswer: (asked: Asked, reason: string) => void;
  readonly onCloseAutoFocus: (event: Event) => void;
}

/** Asks before somebody leaves, is removed or is banned; of a ban it asks the reason too. */
export function MemberQuestion({ asked, isOwner, onCancel, onAnswer, onCloseAutoFocus }: Props) {
  const t = useStrings();
  if (asked === undefined) return null;
  const { kind } = asked;
  const words = {
    leave: ["leaveTitle", isOwner ? "leaveOwnerHint" : "leaveHint"],
    remove: ["removeTitle", "removeHint"],
    ban: ["banTitle", "banHint"],
  } as const;
  const [title, hint] = words[kind];
  return (
    <Question
      isOpen
      onOpenChange={onCancel}
      title={t(title, kind === "leave" ? {} : { name: asked.person.displayName })}
      description={t(hint)}
      answer={t(kind)}
      onAnswer={(form) => onAnswer(asked, String(form.get("reason") ?? "").trim())}
      onCloseAutoFocus={onCloseAutoFocus}
    >
      {kind === "ban" && <TextField name="reason" label={t("banReason")} maxLength={200} autoComplete="off" />}
    </Question>
  );
}
