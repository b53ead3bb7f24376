import { apiError } from "../api/error-codes.ts";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses a request that a page of another site made a browser send with our cookies (CSRF): one that changes something
 * must name our own origin, or say by Fetch Metadata that it comes from it. Throws `cross_site_request`.
 */
export function requireSameOrigin(request: Request): void {
  if (safeMethods.has(request.method)) return;
  const origin = request.headers.get("origin");
  const own = origin === null ? request.headers.get("sec-fetch-site") === "same-origin" : isOwn(origin, request);
  if (!own) throw apiError("cross_site_request");
}

const isOwn = (origin: string, request: Request): boolean => origin === new URL(request.url).origin;
