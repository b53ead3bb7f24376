import { data, type LoaderFunctionArgs } from "@remix-run/cloudflare";
import { Outlet, useLoaderData, useLocation } from "@remix-run/react";
import clsx from "clsx";
import { ConversationList } from "../components/conversation-list.tsx";
import { requireSignedIn } from "../session.server.ts";

export async function loader(args: LoaderFunctionArgs) {
  const { client, me, headers } = await requireSignedIn(args);
  const { conversations } = await client.listConversations({ limit: 100 });
  return data({ me, conversations }, { headers });
}

/** Two panes on wide screens, one at a time on narrow ones. */
export default function Conversations() {
  const { me, conversations } = useLoaderData<typeof loader>();
  const isList = useLocation().pathname.replace(/\/$/, "") === "/conversations";
  return (
    <main id="content" className="grid h-dvh md:grid-cols-[20rem_1fr]">
      <ConversationList
        me={me}
        conversations={conversations}
        heading={isList ? "h1" : "h2"}
        className={clsx("min-h-0 md:flex", isList ? "flex" : "hidden")}
      />
      <div className={clsx("min-h-0 min-w-0 bg-page md:block", isList ? "hidden" : "block")}>
        <Outlet context={me} />
      </div>
    </main>
  );
}
