import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { Mentionable } from "../../proto/mentions.ts";
import { partsOf } from "../realtime/mention-query.ts";
import type { Timeline } from "../realtime/timeline.ts";

interface People {
  /** The reader's own id. */
  readonly userId: string;
  readonly people: readonly Mentionable[];
}

const PeopleContext = createContext<People>({ userId: "", people: [] });

interface Props {
  readonly timeline: Timeline;
  readonly children: ReactNode;
}

/** Tells what is inside who can be mentioned. */
export function MentionablePeople({ timeline: { userId, members }, children }: Props) {
  const value = useMemo(() => ({ userId, people: [...members.values()] }), [userId, members]);
  return <PeopleContext.Provider value={value}>{children}</PeopleContext.Provider>;
}

export const usePeople = (): People => useContext(PeopleContext);

/** A message's text in which mentions stand out, one of the reader more strongly. */
export function MentionText({ text }: { readonly text: string }) {
  const { userId, people } = usePeople();
  return partsOf(text, people).map(({ at, text: words, userIds }) => {
    if (userIds.length === 0) return words;
    const style = userIds.includes(userId) ? "bg-accent text-on-accent" : "bg-soft text-accent";
    return (
      <mark key={at} className={`rounded-md px-1 font-medium ${style}`}>
        <bdi>{words}</bdi>
      </mark>
    );
  });
}
