import { useStrings } from "../use-strings.ts";

export default function NoConversationChosen() {
  const t = useStrings();
  return (
    <div className="grid h-full place-content-center p-6">
      <p className="text-muted">{t("pickConversation")}</p>
    </div>
  );
}
