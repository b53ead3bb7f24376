import { accessTokenLifetime } from "./tokens.ts";

/** The cookies that keep a browser signed in; scripts cannot read them. */
export const cookieNames = { access: "meeshy_access", refresh: "meeshy_refresh" } as const;

/** Seconds that a sign-in lasts without being used. */
export const refreshTokenLifetime = 30 * 24 * 3600;

export interface SessionTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Values of Set-Cookie. `Secure` wherever the site itself is; browsers would drop such a cookie over plain HTTP. */
export const sessionCookies = (tokens: SessionTokens, url: string): readonly string[] => [
  serialize(cookieNames.access, tokens.accessToken, accessTokenLifetime, url),
  serialize(cookieNames.refresh, tokens.refreshToken, refreshTokenLifetime, url),
];

/** Values of Set-Cookie that sign a browser out. */
export const clearedCookies = (url: string): readonly string[] =>
  Object.values(cookieNames).map((name) => serialize(name, "", 0, url));

/** The cookies of a request; the first of each name counts. */
export function readCookies(headers: Headers): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const separator = pair.indexOf("=");
    const name = pair.slice(0, Math.max(separator, 0)).trim();
    if (name !== "" && !cookies.has(name)) cookies.set(name, pair.slice(separator + 1).trim());
  }
  return cookies;
}

function serialize(name: string, value: string, maxAge: number, url: string): string {
  const secure = new URL(url).protocol === "https:" ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}
