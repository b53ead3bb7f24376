import {
  type ActionFunctionArgs,
  data,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/cloudflare";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { languageCodes } from "../../proto/languages.ts";
import { buttonStyle } from "../components/button.tsx";
import { ErrorForm } from "../components/form.tsx";
import { GuestForm } from "../components/guest-form.tsx";
import { NarrowPage } from "../components/narrow-page.tsx";
import { pageTitle } from "../page-title.ts";
import { findSignedIn, orNotFound, refusedForm, requireSignedIn, textOf } from "../session.server.ts";
import { acceptedLanguage } from "../strings.ts";
import { useStrings } from "../use-strings.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: pageTitle(data?.preview.title ?? "") }];

export async function loader(args: LoaderFunctionArgs) {
  const code = args.params.code ?? "";
  const { client } = args.context.meeshy.api(args.request);
  const [preview, signedIn] = await Promise.all([client.previewInvite(code).catch(orNotFound), findSignedIn(args)]);
  const init = signedIn === undefined ? {} : { headers: signedIn.headers };
  const language = acceptedLanguage(args.request.headers.get("accept-language"), languageCodes) ?? "en";
  return data({ preview, me: signedIn?.me, path: `/invite/${code}`, language }, init);
}

/** Joins as who is signed in or, when the form gives a name, as a new guest. */
export async function action(args: ActionFunctionArgs) {
  const code = args.params.code ?? "";
  const form = await args.request.formData();
  try {
    if (form.has("displayName")) {
      const { client, headers } = args.context.meeshy.api(args.request);
      const [displayName, readingLanguage] = [textOf(form, "displayName"), textOf(form, "readingLanguage")];
      const { conversationId } = await client.joinAsGuest({ code, displayName, readingLanguage });
      return redirect(`/conversations/${conversationId}`, { headers });
    }
    const { client, headers } = await requireSignedIn(args);
    const { id } = await client.acceptInvite(code);
    return redirect(`/conversations/${id}`, { headers });
  } catch (error) {
    return refusedForm(error, args.request);
  }
}

export default function Invite() {
  const { preview, me, path, language } = useLoaderData<typeof loader>();
  const errors = useActionData<typeof action>();
  const t = useStrings();
  const count = preview.memberCount;
  return (
    <NarrowPage title={t("inviteHeading", { name: preview.invitedBy, title: preview.title })}>
      <p className="text-muted">{count === 1 ? t("inviteMember") : t("inviteMembers", { count })}</p>
      {me === undefined ? (
        <>
          <SignInFirst path={path} />
          <GuestForm language={language} errors={errors} />
        </>
      ) : (
        <ErrorForm errors={errors} submit={t("join")}>
          {me.isGuest && <p>{t("stillGuest", { name: me.displayName })}</p>}
        </ErrorForm>
      )}
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
