import {
  type ActionFunctionArgs,
  data,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/cloudflare";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { buttonStyle } from "../components/button.tsx";
import { ErrorForm } from "../components/form.tsx";
import { NarrowPage } from "../components/narrow-page.tsx";
import { pageTitle } from "../page-title.ts";
import { findSignedIn, orNotFound, refusedForm, requireSignedIn } from "../session.server.ts";
import { useStrings } from "../use-strings.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: pageTitle(data?.preview.title ?? "") }];

export async function loader(args: LoaderFunctionArgs) {
  const code = args.params.code ?? "";
  const { client } = args.context.meeshy.api(args.request);
  const [preview, signedIn] = await Promise.all([client.previewInvite(code).catch(orNotFound), findSignedIn(args)]);
  const init = signedIn === undefined ? {} : { headers: signedIn.headers };
  return data({ preview, isSignedIn: signedIn !== undefined, path: `/invite/${code}` }, init);
}

export async function action(args: ActionFunctionArgs) {
  const { client, headers } = await requireSignedIn(args);
  try {
    const { id } = await client.acceptInvite(args.params.code ?? "");
    return redirect(`/conversations/${id}`, { headers });
  } catch (error) {
    return refusedForm(error, args.request);
  }
}

export default function Invite() {
  const { preview, isSignedIn, path } = useLoaderData<typeof loader>();
  const errors = useActionData<typeof action>();
  const t = useStrings();
  const count = preview.memberCount;
  return (
    <NarrowPage title={t("inviteHeading", { name: preview.invitedBy, title: preview.title })}>
      <p className="text-muted">{count === 1 ? t("inviteMember") : t("inviteMembers", { count })}</p>
      {isSignedIn ? <ErrorForm errors={errors} submit={t("join")} /> : <SignInFirst path={path} />}
    </NarrowPage>
  );
}

function SignInFirst({ path }: { readonly path: string }) {
  const t = useStrings();
  const query = `?next=${encodeURIComponent(path)}`;
  return (
    <>
      <p>{t("joinAfterSignIn")}</p>
      <p className="flex flex-wrap gap-3">
        <Link to={`/signup${query}`} className={buttonStyle("primary")}>
          {t("signUp")}
        </Link>
        <Link to={`/signin${query}`} className={buttonStyle("secondary")}>
          {t("signIn")}
        </Link>
      </p>
    </>
  );
}
