import { apiError } from "../api/error-codes.ts";
import { cookieNames, readCookies } from "./cookies.ts";
import { requireSameOrigin } from "./same-origin.ts";
import { type Identity, type TokenSettings, verifyAccessToken } from "./tokens.ts";

/**
 * Who sent the request: by `Authorization: Bearer`, else by the access cookie, which counts for a request that changes
 * something only when it comes from our own pages.
 *
 * Throws `not_signed_in`, `invalid_token` or `cross_site_request`.
 */
export async function authenticate(request: Request, settings: TokenSettings, now = new Date()): Promise<Identity> {
  const authorization = request.headers.get("authorization");
  if (authorization !== null) {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (bearer === undefined) throw apiError("invalid_token");
    return verifyAccessToken(bearer, settings, now);
  }
  const cookie = readCookies(request.headers).get(cookieNames.access);
  if (cookie === undefined) throw apiError("not_signed_in");
  requireSameOrigin(request);
  return verifyAccessToken(cookie, settings, now);
}
