import { type ActionFunctionArgs, data, type LoaderFunctionArgs } from "@remix-run/cloudflare";
import { orNotFound, refusedForm, requireSignedIn, textOf } from "../session.server.ts";

/** Who is banned, for the dialog of those who look after it. */
export async function loader(args: LoaderFunctionArgs) {
  const { client, headers } = await requireSignedIn(args);
  const { bans } = await client.listBans(args.params.id ?? "").catch(orNotFound);
  return data({ bans }, { headers });
}

/** Bans the person of the form or, when it says so, lifts their ban. */
export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const { client, headers } = await requireSignedIn(args);
  const [id, userId, reason] = [args.params.id ?? "", textOf(form, "userId"), textOf(form, "reason").trim()];
  try {
    if (form.has("lift")) await client.unban(id, userId);
    else await client.ban(id, { userId, ...(reason !== "" && { reason }) });
    return data(undefined, { headers });
  } catch (error) {
    return refusedForm(error, args.request);
  }
}
