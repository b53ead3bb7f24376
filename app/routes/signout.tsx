import { type ActionFunctionArgs, redirect } from "@remix-run/cloudflare";

export const loader = () => redirect("/");

export async function action({ request, context }: ActionFunctionArgs) {
  const { client, headers } = context.meeshy.api(request);
  await client.logout();
  return redirect("/", { headers });
}
