import { beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../store/index.ts";
import { createAccount, testDatabases } from "../store/testing.ts";
import { withBrowserSession } from "./browser-session.ts";
import { clearedCookies, cookieNames, readCookies, type SessionTokens, sessionCookies } from "./cookies.ts";
import { openSessions, type Sessions } from "./sessions.ts";
import { verifyAccessToken } from "./tokens.ts";

const settings = { JWT_SECRET: "tests sign tokens with this and nothing else" };
const url = "https://meeshy.test/conversations";

describe.each(testDatabases)("a browser's session on $engine", ({ settings: database }) => {
  const clock = { now: 0 };
  const now = () => new Date(clock.now);
  let sessions: Sessions;
  let userId: string;
  let tokens: SessionTokens;
  beforeEach(async () => {
    clock.now = Date.UTC(2026, 10, 24, 12);
    const store = openStore(database);
    sessions = openSessions({ refreshTokens: store.refreshTokens, settings, now });
    userId = (await createAccount(store, "alice")).id;
    tokens = await sessions.begin(userId);
  });

  const expire = () => {
    clock.now += 901_000;
  };
  const cookieOf = ({ accessToken, refreshToken }: SessionTokens, more = "theme=dark") =>
    `${cookieNames.access}=${accessToken}; ${cookieNames.refresh}=${refreshToken}; ${more}`;

  /** What the page behind gets to see, and what the browser is told. */
  async function visit(headers: Record<string, string>, init: RequestInit = {}, page = new Response("page")) {
    const seen: Request[] = [];
    const request = new Request(url, { ...init, headers });
    const answer = await withBrowserSession(request, { sessions, settings, now }, async (handed) => {
      seen.push(handed);
      return page;
    });
    const [handed] = seen;
    if (handed === undefined || seen.length !== 1) throw new Error("The page was asked other than once.");
    return { request, handed, answer, cookies: readCookies(handed.headers), set: answer.headers.getSetCookie() };
  }

  it.each(["theme=dark", ""])("is none without its cookies (%j): nothing is touched", async (cookie) => {
    const { request, handed, set } = await visit({ cookie });
    expect(handed).toBe(request);
    expect(set).toEqual([]);
  });

  it("needs nothing while the access cookie is good", async () => {
    const { request, handed, set } = await visit({ cookie: cookieOf(tokens) });
    expect(handed).toBe(request);
    expect(set).toEqual([]);
  });

  it.each([
    ["has expired", () => cookieOf(tokens)],
    ["is gone", () => `${cookieNames.refresh}=${tokens.refreshToken}; theme=dark`],
    ["is a forgery", () => cookieOf({ ...tokens, accessToken: "a.b.c" })],
  ])("is refreshed when the access cookie %s, for this request and those that follow", async (_, cookie) => {
    expire();
    const { handed, answer, cookies, set } = await visit({ cookie: cookie(), accept: "text/html" });
    const accessToken = cookies.get(cookieNames.access) ?? "";
    const refreshToken = cookies.get(cookieNames.refresh) ?? "";
    expect(await verifyAccessToken(accessToken, settings, now())).toEqual({ userId });
    expect(cookies.get("theme")).toBe("dark");
    expect([handed.url, handed.headers.get("accept")]).toEqual([url, "text/html"]);
    expect(set).toEqual(sessionCookies({ accessToken, refreshToken }, url));
    expect(await answer.text()).toBe("page");
    expect((await visit({ cookie: cookieOf({ accessToken, refreshToken }) })).set).toEqual([]);
  });

  it("hands on a form that was sent with an expired cookie", async () => {
    expire();
    const { handed, set } = await visit({ cookie: cookieOf(tokens) }, { method: "POST", body: "title=Weekend" });
    expect([handed.method, await handed.text()]).toEqual(["POST", "title=Weekend"]);
    expect(set).toHaveLength(2);
  });

  it("is forgotten by the browser when it is over", async () => {
    await sessions.end(tokens.refreshToken);
    expire();
    const { cookies, set } = await visit({ cookie: cookieOf(tokens) });
    expect([...cookies]).toEqual([["theme", "dark"]]);
    expect(set).toEqual(clearedCookies(url));
  });

  it("leaves the last word to an answer that signs out or in itself", async () => {
    expire();
    const page = new Response(null, { status: 302, headers: { location: "/" } });
    for (const cookie of [...clearedCookies(url), "theme=light"]) page.headers.append("set-cookie", cookie);
    const { answer, set } = await visit({ cookie: cookieOf(tokens) }, {}, page);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "/"]);
    expect(set).toEqual([...clearedCookies(url), "theme=light"]);
  });

  it("is none of a request that authorises itself", async () => {
    expire();
    const { request, handed, set } = await visit({ cookie: cookieOf(tokens), authorization: "Bearer a.b.c" });
    expect(handed).toBe(request);
    expect(set).toEqual([]);
  });

  it("survives a database that does not answer", async () => {
    expire();
    const answering = sessions;
    sessions = { ...sessions, refresh: () => Promise.reject(new TypeError("fetch failed")) };
    const { request, handed, set } = await visit({ cookie: cookieOf(tokens) });
    expect(handed).toBe(request);
    expect(set).toEqual([]);
    sessions = answering;
    expect((await visit({ cookie: cookieOf(tokens) })).set).toHaveLength(2);
  });
});
