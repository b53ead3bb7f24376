import { type ActionFunctionArgs, data, type LoaderFunctionArgs } from "@remix-run/cloudflare";
import { chosenInvite } from "../invite-choices.ts";
import { orNotFound, requireSignedIn, textOf } from "../session.server.ts";

/** The invites that this person looks after. */
export async function loader(args: LoaderFunctionArgs) {
  const { client, headers } = await requireSignedIn(args);
  const { invites } = await client.listInvites(args.params.id ?? "").catch(orNotFound);
  return data({ invites }, { headers });
}

/** Revokes the invite that the form names, if it names one, and makes a new one if it wants one. */
export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const { client, headers } = await requireSignedIn(args);
  const [id, revoked] = [args.params.id ?? "", textOf(form, "revoke")];
  // Somebody else may have revoked it meanwhile, which is as good.
  if (revoked !== "") await client.revokeInvite(id, revoked).catch(orGone);
  if (!form.has("expiresIn")) return data({ invite: undefined }, { headers });
  const choice = chosenInvite(textOf(form, "expiresIn"), textOf(form, "maxUses"));
  return data({ invite: await client.createInvite(id, choice).catch(orNotFound) }, { headers });
}

function orGone(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "invite_not_found")) throw error;
}
