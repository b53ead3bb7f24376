import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from "@remix-run/cloudflare";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from "@remix-run/react";
import { Direction } from "radix-ui";
import { type ReactNode, useContext } from "react";
import { findLanguage } from "../proto/languages.ts";
import styles from "./app.css?url";
import { ErrorPage } from "./components/error-page.tsx";
import { NonceContext } from "./nonce.ts";
import { localeOf } from "./strings.ts";
import { type Theme, themeOf } from "./theme.server.ts";
import { useLocale, useStrings } from "./use-strings.ts";

export const meta: MetaFunction = () => [
  { title: "Meeshy" },
  { name: "description", content: "Everyone writes in their own language, everyone reads in theirs." },
];

export const links: LinksFunction = () => [
  { rel: "stylesheet", href: styles },
  { rel: "icon", href: "/icon.svg", type: "image/svg+xml" },
  { rel: "manifest", href: "/manifest.webmanifest" },
];

export function loader({ request }: LoaderFunctionArgs) {
  return { locale: localeOf(request), theme: themeOf(request) };
}

export function Layout({ children }: { children: ReactNode }) {
  const settings = useRouteLoaderData<typeof loader>("root");
  const nonce = useContext(NonceContext);
  const locale = useLocale();
  const direction = findLanguage(locale)?.direction ?? "ltr";
  const t = useStrings();
  return (
    <html lang={locale} dir={direction} data-theme={settings?.theme ?? "system"}>
      <head>
        <meta charSet="utf-8" />
        <meta
          name="viewport"
          content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"
        />
        <ThemeColor theme={settings?.theme ?? "system"} />
        <Meta />
        <Links />
      </head>
      <body>
        <a
          href="#content"
          className="sr-only rounded-lg bg-surface p-3 focus:not-sr-only focus:absolute focus:z-10 focus:m-2"
        >
          {t("skip")}
        </a>
        <Direction.Provider dir={direction}>{children}</Direction.Provider>
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

const pageColors = { light: "#fbfaf8", dark: "#131514" } as const;

/** The colour of the browser's own frame around the page: `--color-page` in app.css. */
function ThemeColor({ theme }: { readonly theme: Theme }) {
  if (theme !== "system") return <meta name="theme-color" content={pageColors[theme]} />;
  return (
    <>
      <meta name="theme-color" media="(prefers-color-scheme: light)" content={pageColors.light} />
      <meta name="theme-color" media="(prefers-color-scheme: dark)" content={pageColors.dark} />
    </>
  );
}

export default function App() {
  return <Outlet />;
}

export function ErrorBoundary() {
  return <ErrorPage />;
}
