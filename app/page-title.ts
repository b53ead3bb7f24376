import type { LoaderFunction, MetaFunction } from "@remix-run/cloudflare";
import type { loader as rootLoader } from "./root.tsx";
import { type StringKey, stringsOf } from "./strings.ts";

/** The title of a page in the window's frame, its history and a screen reader's first words. */
export const pageTitle = (title: string): string => `${title} · Meeshy`;

/** The `meta` of a page whose title is one of the interface's words. */
export const titled =
  (key: StringKey): MetaFunction<LoaderFunction, { root: typeof rootLoader }> =>
  ({ matches }) => {
    const locale = matches.find(({ id }) => id === "root")?.data?.locale ?? "en";
    return [{ title: pageTitle(stringsOf(locale)(key)) }];
  };
