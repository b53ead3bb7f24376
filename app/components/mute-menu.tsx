import { useFetcher } from "@remix-run/react";
import { Bell, BellOff } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { muteChoices } from "../mute.ts";
import { useStrings } from "../use-strings.ts";
import { buttonStyle } from "./button.tsx";

interface Props {
  readonly conversationId: string;
  readonly isMuted: boolean;
}

/** Mutes the conversation for its reader alone, or unmutes it. */
export function MuteMenu({ conversationId, isMuted }: Props) {
  const t = useStrings();
  const fetcher = useFetcher();
  const choose = (choice: string) =>
    fetcher.submit({ choice }, { method: "post", action: `/conversations/${conversationId}/mute` });
  const item = "cursor-pointer rounded-lg px-3 py-2 outline-none data-highlighted:bg-soft";
  const Icon = isMuted ? BellOff : Bell;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger aria-label={t(isMuted ? "mutedMenu" : "mute")} className={buttonStyle("quiet")}>
        <Icon aria-hidden size={20} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          className="min-w-36 rounded-xl border border-line bg-surface p-1 text-ink shadow-lg"
        >
          {isMuted && (
            <DropdownMenu.Item className={item} onSelect={() => choose("")}>
              {t("unmute")}
            </DropdownMenu.Item>
          )}
          {muteChoices.map(([choice, key]) => (
            <DropdownMenu.Item key={choice} className={item} onSelect={() => choose(choice)}>
              {t(key)}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
