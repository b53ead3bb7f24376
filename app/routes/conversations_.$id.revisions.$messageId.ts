import { data, type LoaderFunctionArgs } from "@remix-run/cloudflare";
import { orNotFound, requireSignedIn } from "../session.server.ts";

/** The versions of a message, for the dialog that shows them. */
export async function loader(args: LoaderFunctionArgs) {
  const { client, headers } = await requireSignedIn(args);
  const { id = "", messageId = "" } = args.params;
  return data(await client.revisions(id, messageId).catch(orNotFound), { headers });
}
