import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from "@remix-run/cloudflare";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useRouteLoaderData } from "@remix-run/react";
import { type ReactNode, useContext } from "react";
import styles from "./app.css?url";
import { ErrorPage } from "./components/error-page.tsx";
import { NonceContext } from "./nonce.ts";
import { acceptedLanguage, locales } from "./strings.ts";
import { themeOf } from "./theme.server.ts";
import { useStrings } from "./use-strings.ts";

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
  const locale = acceptedLanguage(request.headers.get("accept-language"), locales) ?? "en";
  return { locale, theme: themeOf(request) };
}

export function Layout({ children }: { children: ReactNode }) {
  const settings = useRouteLoaderData<typeof loader>("root");
  const nonce = useContext(NonceContext);
  const t = useStrings();
  return (
    <html lang={settings?.locale ?? "en"} data-theme={settings?.theme ?? "system"}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbfaf8" />
        <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#131514" />
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
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  return <Outlet />;
}

export function ErrorBoundary() {
  return <ErrorPage />;
}
