import { data, type LoaderFunctionArgs } from "@remix-run/cloudflare";
import { Outlet, useLoaderData, useLocation } from "@remix-run/react";
import clsx from "clsx";
import { useState } from "react";
import { ConversationList, type Latest } from "../components/conversation-list.tsx";
import type { User } from "../load-context.ts";
import { titled } from "../page-title.ts";
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
  const isList = useLocation().pathname.replace(/\/$/, "") === "/conversations";
  const context: ConversationsContext = { me, onLatest: setLatest };
  return (
    <main className="grid h-dvh grid-cols-1 grid-rows-1 md:grid-cols-[20rem_1fr]">
      <ConversationList
        me={me}
        conversations={conversations}
        latest={latest}
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
