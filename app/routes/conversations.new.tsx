import { type ActionFunctionArgs, redirect } from "@remix-run/cloudflare";
import { Link, useActionData } from "@remix-run/react";
import { TextField } from "../components/field.tsx";
import { ErrorForm } from "../components/form.tsx";
import { titled } from "../page-title.ts";
import { refusedForm, requireSignedIn, textOf } from "../session.server.ts";
import { useStrings } from "../use-strings.ts";

export const meta = titled("newConversation");

export async function action(args: ActionFunctionArgs) {
  const form = await args.request.formData();
  const { client, headers } = await requireSignedIn(args);
  const members = textOf(form, "members")
    .split(/[\s,;]+/)
    .filter((username) => username !== "");
  try {
    const { id } = await client.createConversation({ title: textOf(form, "title"), members });
    return redirect(`/conversations/${id}`, { headers });
  } catch (error) {
    return refusedForm(error, args.request, "members");
  }
}

export default function NewConversation() {
  const errors = useActionData<typeof action>();
  const t = useStrings();
  return (
    <div className="mx-auto grid max-w-md gap-6 p-6 md:pt-16">
      <Link to="/conversations" className="text-accent underline md:hidden">
        {t("backToConversations")}
      </Link>
      <h1 className="text-2xl font-semibold tracking-tight">{t("newConversation")}</h1>
      <ErrorForm errors={errors} submit={t("create")}>
        <TextField name="title" label={t("title")} required error={errors?.fields.title} autoComplete="off" />
        <TextField
          name="members"
          label={t("members")}
          hint={t("membersHint")}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          error={errors?.fields.members}
        />
      </ErrorForm>
    </div>
  );
}
