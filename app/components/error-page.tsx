import { isRouteErrorResponse, Link, useRouteError } from "@remix-run/react";
import { useStrings } from "../use-strings.ts";
import { buttonStyle } from "./button.tsx";

/** What people see instead of a page that does not exist or broke, with a way back. */
export function ErrorPage() {
  const error = useRouteError();
  const t = useStrings();
  const isMissing = isRouteErrorResponse(error) && error.status === 404;
  return (
    <main id="content" className="mx-auto grid min-h-dvh max-w-md content-center gap-4 p-6">
      <p className="text-muted">{isMissing ? 404 : 500}</p>
      <h1 className="text-2xl font-semibold">{t(isMissing ? "notFound" : "broken")}</h1>
      <p className="text-muted">{t(isMissing ? "notFoundHint" : "brokenHint")}</p>
      <p>
        <Link to="/" className={buttonStyle("primary")}>
          {t("home")}
        </Link>
      </p>
    </main>
  );
}
