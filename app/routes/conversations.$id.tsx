import { data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/cloudflare";
import { useLoaderData, useOutletContext } from "@remix-run/react";
import { ConversationView } from "../components/conversation-view.tsx";
import { isMuted } from "../mute.ts";
import { pageTitle } from "../page-title.ts";
import { orNotFound, requireSignedIn } from "../session.server.ts";
import type { ConversationsContext } from "./conversations.tsx";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: pageTitle(data?.page.title ?? "") }];

export async function loader(args: LoaderFunctionArgs) {
  const id = args.params.id ?? "";
  const { client, headers, me } = await requireSignedIn(args);
  const [conversation, history] = await Promise.all([client.getConversation(id), client.history(id)]).catch(orNotFound);
  const { title, translates, members } = conversation;
  const page = { userId: me.id, title, translates, members, ...history, now: Date.now() };
  return data({ id, page, muted: isMuted(conversation.mute, page.now) }, { headers });
}

export default function ConversationPage() {
  const { id, page, muted } = useLoaderData<typeof loader>();
  const { me, onLatest } = useOutletContext<ConversationsContext>();
  return <ConversationView key={id} id={id} page={page} me={me} isMuted={muted} onLatest={onLatest} />;
}
