import { type ActionFunctionArgs, data, redirect } from "@remix-run/cloudflare";
import { refusedForm, requireSignedIn, textOf } from "../session.server.ts";

/** What the dialogs of the header do: to the people of a conversation, and to its title. */
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
      case "makeAdmin":
        await client.changeRole(id, userId, { role: "admin" });
        break;
      case "makeMember":
        await client.changeRole(id, userId, { role: "member" });
        break;
      case "remove":
        await client.removeMember(id, userId);
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
