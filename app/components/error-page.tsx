import { isRouteErrorResponse, Link, useLocation, useRouteError } from "@remix-run/react";
import { useStrings } from "../use-strings.ts";
import { buttonStyle } from "./button.tsx";
import { Wordmark } from "./wordmark.tsx";

/** What people see instead of a page that does not exist or broke, with a way back. */
export function ErrorPage() {
  const error = useRouteError();
  const here = useLocation();
  const t = useStrings();
  const isMissing = isRouteErrorResponse(error) && error.status === 404;
  return (
    <main id="content" tabIndex={-1} className="mx-auto grid min-h-dvh max-w-md content-center gap-4 p-6 outline-none">
      <Wordmark />
      <h1 className="text-2xl font-semibold">{t(isMissing ? "notFound" : "broken")}</h1>
      <p className="text-muted">{t(isMissing ? "notFoundHint" : "brokenHint")}</p>
      <p className="flex flex-wrap gap-3">
        {!isMissing && (
          <Link to={here} reloadDocument className={buttonStyle("primary")}>
            {t("again")}
          </Link>
        )}
        <Link to="/" className={buttonStyle(isMissing ? "primary" : "secondary")}>
          {t("home")}
        </Link>
      </p>
    </main>
  );
}
