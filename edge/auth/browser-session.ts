import { AppError } from "../errors.ts";
import { clearedCookies, cookieNames, readCookies, sessionCookies } from "./cookies.ts";
import type { Sessions } from "./sessions.ts";
import { type TokenSettings, verifyAccessToken } from "./tokens.ts";

export interface BrowserSessionDependencies {
  readonly sessions: Sessions;
  readonly settings: TokenSettings;
  readonly now: () => Date;
}

/**
 * Keeps a browser signed in: when its access cookie is missing or has expired and it has a refresh cookie, refreshes once,
 * hands the request on with the fresh cookies, and sets them on the answer (unless the answer sets them itself, as signing
 * out does). A sign-in that is over is forgotten by the browser too; anything else leaves the request as it came.
 */
export async function withBrowserSession(
  request: Request,
  dependencies: BrowserSessionDependencies,
  respond: (request: Request) => Promise<Response>,
): Promise<Response> {
  const cookies = await freshCookies(request, dependencies);
  if (cookies.length === 0) return respond(request);
  const response = await respond(withCookies(request, cookies));
  // An upgraded socket's answer carries the socket and takes no cookies; the next request refreshes again.
  if (response.status === 101) return response;
  const alreadySet = new Set(response.headers.getSetCookie().map(nameOf));
  const answer = new Response(response.body, response);
  for (const cookie of cookies) if (!alreadySet.has(nameOf(cookie))) answer.headers.append("set-cookie", cookie);
  return answer;
}

/** Values of Set-Cookie; none when there is nothing to do. */
async function freshCookies(
  request: Request,
  { sessions, settings, now }: BrowserSessionDependencies,
): Promise<readonly string[]> {
  const cookies = readCookies(request.headers);
  const refreshToken = cookies.get(cookieNames.refresh);
  if (refreshToken === undefined || request.headers.has("authorization")) return [];
  if (await isValid(cookies.get(cookieNames.access), settings, now())) return [];
  try {
    return sessionCookies(await sessions.refresh(refreshToken), request.url);
  } catch (error) {
    if (error instanceof AppError && error.status === 401) return clearedCookies(request.url);
    // The database does not answer: whoever needs it says so; nobody is signed out for it.
    return [];
  }
}

async function isValid(accessToken: string | undefined, settings: TokenSettings, now: Date): Promise<boolean> {
  if (accessToken === undefined) return false;
  return verifyAccessToken(accessToken, settings, now).then(
    () => true,
    () => false,
  );
}

/** The request with cookies as the browser will send them from now on. */
function withCookies(request: Request, setCookies: readonly string[]): Request {
  const cookies = new Map(readCookies(request.headers));
  for (const cookie of setCookies) {
    const pair = cookie.split(";", 1)[0] ?? "";
    const value = pair.slice(pair.indexOf("=") + 1);
    if (value === "") cookies.delete(nameOf(cookie));
    else cookies.set(nameOf(cookie), value);
  }
  const headers = new Headers(request.headers);
  headers.set("cookie", Array.from(cookies, ([name, value]) => `${name}=${value}`).join("; "));
  return new Request(request, { headers });
}

const nameOf = (cookie: string): string => cookie.slice(0, cookie.indexOf("="));
