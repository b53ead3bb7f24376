import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/cloudflare";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { TextField } from "../components/field.tsx";
import { ErrorForm } from "../components/form.tsx";
import { NarrowPage } from "../components/narrow-page.tsx";
import { titled } from "../page-title.ts";
import { findSignedIn, nextPath, refusedForm, textOf } from "../session.server.ts";
import { useStrings } from "../use-strings.ts";

export const meta = titled("signIn");

export async function loader(args: LoaderFunctionArgs) {
  const next = nextPath(new URL(args.request.url).searchParams.get("next"));
  const signedIn = await findSignedIn(args);
  if (signedIn !== undefined) throw redirect(next, { headers: signedIn.headers });
  return { next };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const form = await request.formData();
  const { client, headers } = context.meeshy.api(request);
  try {
    await client.login({ username: textOf(form, "username"), password: textOf(form, "password") });
  } catch (error) {
    return refusedForm(error, request);
  }
  return redirect(nextPath(textOf(form, "next")), { headers });
}

export default function SignIn() {
  const { next } = useLoaderData<typeof loader>();
  const errors = useActionData<typeof action>();
  const t = useStrings();
  return (
    <NarrowPage title={t("signIn")}>
      <ErrorForm errors={errors} submit={t("signIn")}>
        <input type="hidden" name="next" value={next} />
        <TextField
          name="username"
          label={t("username")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          error={errors?.fields.username}
        />
        <TextField
          name="password"
          label={t("password")}
          type="password"
          autoComplete="current-password"
          required
          error={errors?.fields.password}
        />
      </ErrorForm>
      <p className="text-muted">
        {t("noAccount")}{" "}
        <Link className="text-accent underline" to={`/signup?next=${encodeURIComponent(next)}`}>
          {t("signUp")}
        </Link>
      </p>
    </NarrowPage>
  );
}
