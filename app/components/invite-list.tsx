import { useFetcher } from "@remix-run/react";
import type { Invite } from "../load-context.ts";
import type { action } from "../routes/conversations.$id.invites.tsx";
import { useLocale, useStrings } from "../use-strings.ts";
import { Button } from "./button.tsx";

interface Props {
  /** Of the route that knows the invites. */
  readonly path: string;
  /** Those that the dialog does not show already. */
  readonly others: readonly Invite[];
}

/** The other links by which people can join, each to be revoked. */
export function InviteList({ path, others }: Props) {
  const t = useStrings();
  const locale = useLocale();
  const change = useFetcher<typeof action>();
  if (others.length === 0) return null;
  const usesOf = ({ uses, maxUses }: Invite) =>
    maxUses === undefined ? t("inviteUsed", { count: uses }) : t("inviteUsedOf", { count: uses, most: maxUses });
  return (
    <section aria-label={t("inviteOthers")} className="border-t border-line pt-3">
      <h3 className="font-medium">{t("inviteOthers")}</h3>
      <ul className="max-h-40 overflow-y-auto">
        {others.map((invite) => {
          const date = new Date(invite.expiresAt).toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
          return (
            <li key={invite.code} className="flex items-center gap-2">
              <span className="min-w-0 flex-1 text-sm text-muted">
                {t("inviteUntil", { date })} · {usesOf(invite)}
              </span>
              <change.Form method="post" action={path}>
                <Button
                  kind="quiet"
                  name="revoke"
                  value={invite.code}
                  aria-label={`${t("inviteRevoke")}: ${t("inviteUntil", { date })}`}
                >
                  {t("inviteRevoke")}
                </Button>
              </change.Form>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
