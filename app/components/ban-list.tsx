import { useId } from "react";
import type { Ban } from "../load-context.ts";
import { useStrings } from "../use-strings.ts";
import { Button } from "./button.tsx";

interface Props {
  readonly bans: readonly Ban[];
  readonly onLift: (userId: string) => void;
}

/** Who is banned and why, with the way to lift each ban; nothing when nobody is. */
export function BanList({ bans, onLift }: Props) {
  const t = useStrings();
  const heading = useId();
  if (bans.length === 0) return null;
  return (
    <section aria-labelledby={heading} className="border-t border-line pt-4">
      <h3 id={heading} className="font-medium">
        {t("banned")}
      </h3>
      <ul className="max-h-[20dvh] overflow-y-auto">
        {bans.map(({ userId, displayName, reason }) => (
          <li key={userId} className="flex items-center gap-3 py-1.5">
            <span className="min-w-0 flex-1">
              <bdi className="block truncate">{displayName}</bdi>
              <bdi className="block text-sm text-muted">{reason}</bdi>
            </span>
            <Button
              type="button"
              kind="quiet"
              aria-label={t("unbanPerson", { name: displayName })}
              onClick={() => onLift(userId)}
            >
              {t("unban")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
