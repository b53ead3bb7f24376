import { type ActionFunctionArgs, data } from "@remix-run/cloudflare";
import { isMuteChoice, mutedUntil } from "../mute.ts";
import { orNotFound, requireSignedIn, textOf } from "../session.server.ts";

/** Mutes the conversation for as long as the form says, or unmutes it when it says nothing of that. */
export async function action(args: ActionFunctionArgs) {
  const choice = textOf(await args.request.formData(), "choice");
  const { client, headers } = await requireSignedIn(args);
  const id = args.params.id ?? "";
  if (isMuteChoice(choice)) await client.mute(id, mutedUntil(choice, Date.now())).catch(orNotFound);
  else await client.unmute(id).catch(orNotFound);
  return data(null, { headers });
}
