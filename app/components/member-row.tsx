import clsx from "clsx";
import { Ellipsis } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { Rights } from "../realtime/rights.ts";
import type { TimelineMember } from "../realtime/timeline.ts";
import { isStringKey } from "../strings.ts";
import { useLocale, useStrings } from "../use-strings.ts";
import { languageName } from "./languages.ts";
import { PresenceDot } from "./presence-dot.tsx";
import { useTimeZone } from "./use-time-zone.ts";

interface Props {
  readonly person: TimelineMember;
  readonly isMe: boolean;
  /** What the reader can do to this person; undefined: nothing. */
  readonly rights: Rights | undefined;
  readonly onAppoint: (role: "admin" | "member") => void;
  readonly onRemove: () => void;
  readonly onBan: () => void;
}

/** Somebody of the conversation: whether they are there, what they are here, what they read. */
export function MemberRow({ person, isMe, rights, onAppoint, onRemove, onBan }: Props) {
  const t = useStrings();
  const locale = useLocale();
  const timeZone = useTimeZone();
  const { displayName, role, readingLanguage, online, lastSeen } = person;
  const language = languageName(readingLanguage, locale);
  const seenAt = new Date(lastSeen).toLocaleString(locale, { timeZone, dateStyle: "medium", timeStyle: "short" });
  const presence = online ? t("online") : lastSeen > 0 ? t("lastSeen", { time: seenAt }) : t("offline");
  const roleKey = `role_${role}`;
  const facts = [presence, isStringKey(roleKey) ? t(roleKey) : "", language && t("reads", { language })];
  const item = "cursor-pointer rounded-lg px-3 py-2 outline-none data-highlighted:bg-soft";
  const { appoint, remove = false } = rights ?? {};
  return (
    <li className="flex items-center gap-3 py-1.5">
      <PresenceDot isOnline={online} />
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">
          <bdi>{displayName}</bdi> {isMe && <span className="font-normal text-muted">({t("you")})</span>}
        </p>
        <p className="text-sm text-muted">{facts.filter((fact) => fact !== "").join(" · ")}</p>
      </div>
      {(remove || appoint !== undefined) && (
        <DropdownMenu.Root modal={false}>
          <DropdownMenu.Trigger
            aria-label={t("personActions", { name: displayName })}
            className="rounded-lg p-2 text-muted hover:bg-soft"
          >
            <Ellipsis aria-hidden size={18} />
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content
              align="end"
              className="min-w-36 rounded-xl border border-line bg-surface p-1 text-ink shadow-lg"
            >
              {appoint !== undefined && (
                <DropdownMenu.Item className={item} onSelect={() => onAppoint(appoint)}>
                  {t(appoint === "admin" ? "makeAdmin" : "makeMember")}
                </DropdownMenu.Item>
              )}
              {remove && (
                <>
                  <DropdownMenu.Item className={clsx(item, "text-danger")} onSelect={onRemove}>
                    {t("remove")}
                  </DropdownMenu.Item>
                  <DropdownMenu.Item className={clsx(item, "text-danger")} onSelect={onBan}>
                    {t("ban")}
                  </DropdownMenu.Item>
                </>
              )}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      )}
    </li>
  );
}
