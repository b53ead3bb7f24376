import { useLocale, useStrings } from "../use-strings.ts";

/** The day of an instant in a time zone: "2026-11-24". */
export function dayOf(time: number, timeZone: string): string {
  return new Date(time).toLocaleDateString("en-CA", { timeZone });
}

interface SeparatorProps {
  readonly time: number;
  /** Of the message before; undefined: there is none. */
  readonly previous: number | undefined;
  readonly timeZone: string;
}

/** The date, where a day begins. */
export function DaySeparator({ time, previous, timeZone }: SeparatorProps) {
  const t = useStrings();
  const locale = useLocale();
  const day = dayOf(time, timeZone);
  if (previous !== undefined && dayOf(previous, timeZone) === day) return null;
  const now = Date.now();
  const date = new Date(time).toLocaleDateString(locale, { timeZone, dateStyle: "full" });
  const isToday = day === dayOf(now, timeZone);
  const isYesterday = day === dayOf(now - 86_400_000, timeZone);
  return (
    <p className="py-4 text-center text-sm text-muted" suppressHydrationWarning>
      {isToday ? t("today") : isYesterday ? t("yesterday") : date}
    </p>
  );
}

/** The hour and minute of a message. */
export function TimeOfDay({ time, timeZone }: { readonly time: number; readonly timeZone: string }) {
  const locale = useLocale();
  return (
    <time dateTime={new Date(time).toISOString()}>
      {new Date(time).toLocaleTimeString(locale, { timeZone, timeStyle: "short" })}
    </time>
  );
}
