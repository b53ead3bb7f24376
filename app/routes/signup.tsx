import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/cloudflare";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { languageCodes } from "../../proto/languages.ts";
import { TextField } from "../components/field.tsx";
import { ErrorForm } from "../components/form.tsx";
import { NameAndLanguage } from "../components/name-and-language.tsx";
import { NarrowPage } from "../components/narrow-page.tsx";
import { titled } from "../page-title.ts";
import { findSignedIn, nextPath, refusedForm, textOf } from "../session.server.ts";
import { acceptedLanguage } from "../strings.ts";
import { useStrings } from "../use-strings.ts";

export const meta = titled("signUp");

export async function loader(args: LoaderFunctionArgs) {
  const next = nextPath(new URL(args.request.url).searchParams.get("next"));
  const signedIn = await findSignedIn(args);
  if (signedIn !== undefined) throw redirect(next, { headers: signedIn.headers });
  const language = acceptedLanguage(args.request.headers.get("accept-language"), languageCodes) ?? "en";
  return { next, language };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const form = await request.formData();
  const { client, headers } = context.meeshy.api(request);
  try {
    await client.register({
      displayName: textOf(form, "displayName"),
      username: textOf(form, "username"),
      password: textOf(form, "password"),
      readingLanguage: textOf(form, "readingLanguage"),
    });
  } catch (error) {
    return refusedForm(error, request);
  }
  return redirect(nextPath(textOf(form, "next")), { headers });
}

export default function SignUp() {
  const { next, language } = useLoaderData<typeof loader>();
  const errors = useActionData<typeof action>();
  const t = useStrings();
  return (
    <NarrowPage title={t("signUp")}>
      <ErrorForm errors={errors} submit={t("signUp")}>
        <input type="hidden" name="next" value={next} />
        <NameAndLanguage language={language} errors={errors} />
        <TextField
          name="username"
          label={t("username")}
          hint={t("usernameHint")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          error={errors?.fields.username}
        />
        <TextField
          name="password"
          label={t("password")}
          hint={t("passwordHint")}
          type="password"
          autoComplete="new-password"
          required
          error={errors?.fields.password}
        />
      </ErrorForm>
      <p className="text-muted">
        {t("haveAccount")}{" "}
        <Link className="text-accent underline" to={`/signin?next=${encodeURIComponent(next)}`}>
          {t("signIn")}
        </Link>
      </p>
    </NarrowPage>
  );
}
