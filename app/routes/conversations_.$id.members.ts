import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from "@remix-run/cloudflare";
import type { Ban } from "../load-context.ts";
import { refusedForm, requireSignedIn, textOf } from "../session.server.ts";

/** Who is banned; nobody, as far as those are told who may not know. */
export async function loader(args: LoaderFunctionArgs) {
  const { client, headers } = await requireSignedIn(args);
  const { bans } = await client.listBans(args.params.id ?? "").catch(noneToShow);
  return data({ bans }, { headers });
}

/** What the dialogs of the header do: to the people of a conversation, its title, and its translation. */
export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const { client, headers } = await requireSignedIn(args);
  const id = args.params.id ?? "";
  const userId = textOf(form, "userId");
  try {
    switch (textOf(form, "intent")) {
      case "rename":
        await client.renameConversation(id, textOf(form, "title"));
        break;
      case "switchTranslation":
        await client.setTranslates(id, textOf(form, "translates") === "true");
        break;
      case "makeAdmin":
        await client.changeRole(id, userId, { role: "admin" });
        break;
      case "makeMember":
        await client.changeRole(id, userId, { role: "member" });
        break;
      case "remove":
        await client.removeMember(id, userId);
        break;
      case "ban": {
        const reason = textOf(form, "reason");
        await client.ban(id, { userId, ...(reason !== "" && { reason }) });
        break;
      }
      case "unban":
        await client.unban(id, userId);
        break;
      case "leave":
        await client.leave(id);
        return redirect("/conversations", { headers });
      default:
        throw data(null, { status: 400 });
    }
    return data(null, { headers });
  } catch (error) {
    return refusedForm(error, args.request);
  }
}

/** Somebody who has left, or has another role now, gets an empty list: the page that they are on is not broken by that. */
function noneToShow(error: unknown): { readonly bans: readonly Ban[] } {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "not_permitted" || code === "conversation_not_found") return { bans: [] };
  throw error;
}
