import { Switch } from "radix-ui";
import { useId } from "react";
import { useStrings } from "../use-strings.ts";

interface Props {
  readonly isOn: boolean;
  readonly onSwitch: (isOn: boolean) => void;
}

/** Has the conversation translated for everybody, or not any more. */
export function TranslationSwitch({ isOn, onSwitch }: Props) {
  const t = useStrings();
  const [name, hint] = [useId(), useId()];
  return (
    <section className="flex items-center gap-3 border-t border-line pt-4">
      <span className="min-w-0 flex-1">
        <span id={name} className="block font-medium">
          {t("translateHere")}
        </span>
        <span id={hint} className="block text-sm text-muted">
          {t("translateHereHint")}
        </span>
      </span>
      <Switch.Root
        checked={isOn}
        onCheckedChange={onSwitch}
        aria-labelledby={name}
        aria-describedby={hint}
        className="flex h-7 w-12 shrink-0 items-center rounded-full border border-control bg-soft p-0.5 data-[state=checked]:border-accent data-[state=checked]:bg-accent"
      >
        <Switch.Thumb className="size-5 rounded-full bg-control transition-transform data-[state=checked]:translate-x-5 data-[state=checked]:bg-on-accent rtl:data-[state=checked]:-translate-x-5" />
      </Switch.Root>
    </section>
  );
}
