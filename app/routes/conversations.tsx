import { data, type LoaderFunctionArgs } from "@remix-run/cloudflare";
import { Outlet, useLoaderData, useLocation, useRevalidator } from "@remix-run/react";
import clsx from "clsx";
import { useEffect, useRef, useState } from "react";
import { ConversationList, type Latest } from "../components/conversation-list.tsx";
import { useInbox } from "../components/use-inbox.ts";
import type { Conversation, User } from "../load-context.ts";
import { titled } from "../page-title.ts";
import type { Standings } from "../realtime/inbox.ts";
import { requireSignedIn } from "../session.server.ts";

export const meta = titled("conversations");

export async function loader(args: LoaderFunctionArgs) {
  const { client, me, headers } = await requireSignedIn(args);
  const { conversations } = await client.listConversations({ limit: 100 });
  return data({ me, conversations }, { headers });
}

/** What the pages beside the list are given. */
export interface ConversationsContext {
  readonly me: User;
  readonly onLatest: (latest: Latest | undefined) => void;
}

/** Two panes on wide screens, one at a time on narrow ones. */
export default function Conversations() {
  const { me, conversations } = useLoaderData<typeof loader>();
  const [latest, setLatest] = useState<Latest | undefined>(undefined);
  const { standings, online } = useInbox();
  useNewConversations(conversations, standings);
  const isList = useLocation().pathname.replace(/\/$/, "") === "/conversations";
  const context: ConversationsContext = { me, onLatest: setLatest };
  return (
    <main className="grid h-dvh grid-cols-1 grid-rows-1 md:grid-cols-[20rem_1fr]">
      <ConversationList
        me={me}
        conversations={conversations}
        latest={latest}
        standings={standings}
        online={online}
        heading={isList ? "h1" : "h2"}
        {...(isList && { id: "content" })}
        className={clsx("min-h-0 md:flex", isList ? "flex" : "hidden")}
      />
      <div
        {...(!isList && { id: "content", tabIndex: -1 })}
        className={clsx("min-h-0 min-w-0 overflow-y-auto outline-none md:block", isList ? "hidden" : "block")}
      >
        <Outlet context={context} />
      </div>
    </main>
  );
}

/** Reads the list again when the inbox tells of a conversation that it does not have: somebody has added this person. */
function useNewConversations(conversations: readonly Conversation[], standings: Standings): void {
  const { revalidate } = useRevalidator();
  // Once for each: the list holds the hundred most recent, and may go on lacking an older one.
  const asked = useRef(new Set<string>());
  useEffect(() => {
    for (const { id } of conversations) asked.current.add(id);
    const unknown = [...standings.keys()].filter((id) => !asked.current.has(id));
    for (const id of unknown) asked.current.add(id);
    if (unknown.length > 0) revalidate();
  }, [conversations, standings, revalidate]);
}
