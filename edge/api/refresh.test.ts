import { beforeEach, describe, expect, it } from "vitest";
import * as schemas from "./schemas.ts";
import { answerOf, days, minutes, newApi, origin, problemOf, type TestApi, type TestPerson } from "./testing.ts";

let api: TestApi;
let alice: TestPerson;
beforeEach(async () => {
  api = newApi();
  alice = await api.signUp("Alice");
});

const present = (refreshToken: string) => api.request("POST /auth/refresh", { body: { refreshToken } });
const next = async (refreshToken: string) => answerOf(await present(refreshToken), schemas.session);
const refused = async (refreshToken: string) => (await problemOf(await present(refreshToken))).code;

describe("refreshing", () => {
  it("answers with the next tokens, which work where the old ones have expired", async () => {
    api.clock.now += minutes(20);
    const session = await next(alice.session.refreshToken);
    expect(session.user).toEqual(alice.user);
    expect(session.refreshToken).not.toBe(alice.session.refreshToken);
    const stale = await api.request("GET /users/me", { as: alice });
    expect(stale.headers.get("www-authenticate")).toBe("Bearer");
    expect((await problemOf(stale)).code).toBe("invalid_token");
    const fresh = await api.request("GET /users/me", { as: { ...alice, session } });
    expect(await answerOf(fresh, schemas.user)).toEqual(alice.user);
  });

  it("lets two tabs refresh with the same token at nearly the same time", async () => {
    const first = await next(alice.session.refreshToken);
    api.clock.now += 30_000;
    const second = await next(alice.session.refreshToken);
    expect((await next(first.refreshToken)).user).toEqual(alice.user);
    expect((await next(second.refreshToken)).user).toEqual(alice.user);
  });

  it("ends the sign-in of a token that comes back later, for its thief and its owner alike", async () => {
    const owner = await next(alice.session.refreshToken);
    api.clock.now += 30_001;
    expect(await refused(alice.session.refreshToken)).toBe("refresh_token_reused");
    expect(await refused(owner.refreshToken)).toBe("session_expired");
    expect(await refused(alice.session.refreshToken)).toBe("session_expired");
  });

  it("goes on for as long as it happens within 30 days, and no longer", async () => {
    api.clock.now += days(29);
    const { refreshToken } = await next(alice.session.refreshToken);
    api.clock.now += days(29);
    const last = await next(refreshToken);
    api.clock.now += days(30);
    expect(await refused(last.refreshToken)).toBe("session_expired");
  });

  it("is refused to who has no token, or made one up", async () => {
    expect((await problemOf(await api.request("POST /auth/refresh"))).code).toBe("not_signed_in");
    expect((await problemOf(await api.request("POST /auth/refresh", { body: {} }))).code).toBe("not_signed_in");
    expect(await refused("made up")).toBe("session_expired");
  });

  it("works by cookie for our own pages, and sets the next cookies", async () => {
    const cookie = `meeshy_refresh=${alice.session.refreshToken}`;
    const response = await api.request("POST /auth/refresh", { headers: { cookie, origin } });
    const { refreshToken, accessToken } = await answerOf(response.clone(), schemas.session);
    const pairs = response.headers.getSetCookie().map((one) => one.split(";", 1)[0]);
    expect(pairs).toEqual([`meeshy_access=${accessToken}`, `meeshy_refresh=${refreshToken}`]);
  });
});

describe("a request with cookies", () => {
  const foreign = { origin: "https://evil.test" };
  const cookies = () => ({
    cookie: `meeshy_access=${alice.session.accessToken}; meeshy_refresh=${alice.session.refreshToken}`,
  });

  it.each([
    ["another site", foreign],
    ["another port of this host", { origin: `${origin}:8443` }],
    ["a sandboxed page", { origin: "null" }],
    ["another site, says the browser", { "sec-fetch-site": "cross-site" }],
    ["nobody knows where", {}],
  ])("that comes from %s changes nothing", async (_, from) => {
    const headers = { ...cookies(), ...from };
    const refusals = await Promise.all([
      api.request("PUT /users/me", { headers, body: { displayName: "Mallory" } }),
      api.request("POST /conversations", { headers, body: { title: "Spam" } }),
      api.request("POST /auth/refresh", { headers }),
      api.request("POST /auth/logout", { headers }),
    ]);
    for (const response of refusals) {
      expect(response.headers.getSetCookie()).toEqual([]);
      expect((await problemOf(response)).code).toBe("cross_site_request");
    }
    expect(await alice.me()).toEqual(alice.user);
    expect(await alice.listConversations()).toEqual({ conversations: [] });
    api.clock.now += minutes(1);
    expect((await next(alice.session.refreshToken)).user).toEqual(alice.user);
  });

  it("may read from anywhere: the browser keeps the answer from other sites", async () => {
    const response = await api.request("GET /users/me", { headers: { ...cookies(), ...foreign } });
    expect(await answerOf(response, schemas.user)).toEqual(alice.user);
  });

  it("may change something when the browser says that it comes from our own page", async () => {
    const headers = { ...cookies(), "sec-fetch-site": "same-origin" };
    await api.request("PUT /users/me", { headers, body: { displayName: "Alicia" } });
    expect((await alice.me()).displayName).toBe("Alicia");
  });

  it("counts as its bearer token's when it has one, from wherever it comes", async () => {
    const mallory = await api.signUp("Mallory");
    const headers = { ...foreign, cookie: `meeshy_access=${mallory.session.accessToken}` };
    const response = await api.request("PUT /users/me", { as: alice, headers, body: { displayName: "Alicia" } });
    expect(await answerOf(response, schemas.user)).toEqual({ ...alice.user, displayName: "Alicia" });
  });

  it.each(["Basic YWxpY2U6c2VjcmV0", "Bearer", "Bearer a b", "Bearer not-a-token"])(
    "is refused when it authorises itself with %j, whatever its cookies",
    async (authorization) => {
      const response = await api.request("GET /users/me", { headers: { ...cookies(), authorization } });
      expect((await problemOf(response)).code).toBe("invalid_token");
    },
  );
});
