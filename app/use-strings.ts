import { useRouteLoaderData } from "@remix-run/react";
import { useMemo } from "react";
import type { loader } from "./root.tsx";
import { type Locale, stringsOf, type Translate } from "./strings.ts";

/** The language of the interface. */
export const useLocale = (): Locale => useRouteLoaderData<typeof loader>("root")?.locale ?? "en";

/** The interface's words. */
export function useStrings(): Translate {
  const locale = useLocale();
  return useMemo(() => stringsOf(locale), [locale]);
}
