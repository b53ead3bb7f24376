import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { Wordmark } from "./wordmark.tsx";

/** A page with one column: forms and invitations. */
export function NarrowPage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="mx-auto grid min-h-dvh max-w-md content-start gap-8 px-6 py-8 sm:py-16">
      <header>
        <Link to="/" className="inline-block rounded-lg">
          <Wordmark />
        </Link>
      </header>
      <main id="content" tabIndex={-1} className="grid gap-6 outline-none">
        <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
        {children}
      </main>
    </div>
  );
}
