import { Languages } from "lucide-react";
import { useStrings } from "../use-strings.ts";

/** Says that translation is turned off, for as long as it is; it stays on the page so that a change is read out. */
export function TranslationNotice({ translates }: { readonly translates: boolean }) {
  const t = useStrings();
  return (
    <p
      role="status"
      className={
        translates ? "sr-only" : "flex items-center gap-2 border-b border-line bg-soft px-3 py-2 text-sm md:px-6"
      }
    >
      {!translates && (
        <>
          <Languages aria-hidden size={16} className="shrink-0" />
          <span>{t("translationOff")}</span>
        </>
      )}
    </p>
  );
}
