import { type ActionFunctionArgs, data, type LoaderFunctionArgs } from "@remix-run/cloudflare";
import { Form, Link, useActionData, useLoaderData } from "@remix-run/react";
import { Button } from "../components/button.tsx";
import { LanguagesField } from "../components/field.tsx";
import { ErrorForm } from "../components/form.tsx";
import { NameAndLanguage } from "../components/name-and-language.tsx";
import { NarrowPage } from "../components/narrow-page.tsx";
import { titled } from "../page-title.ts";
import { refusedForm, requireSignedIn, textOf } from "../session.server.ts";
import { themeCookie, themeOf } from "../theme.server.ts";
import { useStrings } from "../use-strings.ts";

export const meta = titled("settings");

export async function loader(args: LoaderFunctionArgs) {
  const { me, headers } = await requireSignedIn(args);
  return data({ me, theme: themeOf(args.request) }, { headers });
}

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const { client, headers } = await requireSignedIn(args);
  try {
    await client.updateMe({
      displayName: textOf(form, "displayName"),
      readingLanguage: textOf(form, "readingLanguage"),
      alsoReads: form.getAll("alsoReads").filter((code) => typeof code === "string"),
    });
  } catch (error) {
    return refusedForm(error, args.request);
  }
  const cookie = themeCookie(textOf(form, "theme"));
  if (cookie !== undefined) headers.append("set-cookie", cookie);
  return data("saved" as const, { headers });
}

const choices = [
  { value: "system", label: "themeSystem" },
  { value: "light", label: "themeLight" },
  { value: "dark", label: "themeDark" },
] as const;

export default function Settings() {
  const { me, theme } = useLoaderData<typeof loader>();
  const outcome = useActionData<typeof action>();
  const errors = outcome === "saved" ? undefined : outcome;
  const t = useStrings();
  return (
    <NarrowPage title={t("settings")}>
      <ErrorForm errors={errors} submit={t("save")}>
        <NameAndLanguage displayName={me.displayName} language={me.readingLanguage} errors={errors} />
        <LanguagesField name="alsoReads" label={t("alsoReads")} hint={t("alsoReadsHint")} chosen={me.alsoReads} />
        <fieldset className="grid gap-2">
          <legend className="mb-1.5 font-medium">{t("theme")}</legend>
          {choices.map(({ value, label }) => (
            <label key={value} className="flex min-h-9 items-center gap-3">
              <input
                type="radio"
                name="theme"
                value={value}
                defaultChecked={value === theme}
                className="size-5 accent-accent"
              />
              {t(label)}
            </label>
          ))}
        </fieldset>
      </ErrorForm>
      <p role="status" className="text-muted">
        {outcome === "saved" && t("saved")}
      </p>
      <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-6">
        <Link to="/conversations" className="text-accent underline">
          {t("backToConversations")}
        </Link>
        <Form method="post" action="/signout">
          <Button kind="secondary">{t("signOut")}</Button>
        </Form>
      </div>
    </NarrowPage>
  );
}
