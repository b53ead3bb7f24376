import { beforeAll, describe, expect, it } from "vitest";
import { freshUsername } from "../store/testing.ts";
import * as schemas from "./schemas.ts";
import { answerOf, newApi, origin, password, problemOf, refusal, type TestApi } from "./testing.ts";

let api: TestApi;
beforeAll(() => {
  api = newApi();
});

const input = (changes: object = {}) => ({
  username: freshUsername("alice"),
  password,
  displayName: "Alice",
  readingLanguage: "en",
  ...changes,
});
const register = (changes?: object) => api.request("POST /auth/register", { body: input(changes) });
const login = (username: string, secret = password) =>
  api.request("POST /auth/login", { body: { username, password: secret } });
const me = (headers: Record<string, string>) => api.request("GET /users/me", { headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The cookies that an answer sets, as a browser sends them back. */
const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");

describe("registering", () => {
  it("signs in at once, by bearer token and by cookies that no script can read", async () => {
    const response = await register();
    expect(response.status).toBe(201);
    const { user, accessToken, expiresIn } = await answerOf(response.clone(), schemas.session);
    expect(user).toMatchObject({ displayName: "Alice", readingLanguage: "en" });
    expect(expiresIn).toBe(900);
    expect(await answerOf(await me(bearer(accessToken)), schemas.user)).toEqual(user);
    expect(await answerOf(await me({ cookie: cookiesOf(response) }), schemas.user)).toEqual(user);
    const [access, refresh] = response.headers.getSetCookie();
    expect(access).toMatch(/^meeshy_access=\S+; Path=\/; Max-Age=900; HttpOnly; SameSite=Lax; Secure$/);
    expect(refresh).toMatch(/^meeshy_refresh=\S+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/);
  });

  it("answers with nothing of the password", async () => {
    const text = await (await register()).text();
    expect(text).not.toContain(password);
    expect(text).not.toContain("$2");
  });

  it("works under POST /users just as well", async () => {
    const body = input();
    const { user } = await answerOf(await api.request("POST /users", { body }), schemas.session);
    expect((await answerOf(await login(body.username), schemas.session)).user).toEqual(user);
  });

  it("takes a username once, whatever its case, and leaves its owner's account alone", async () => {
    const body = input();
    await register(body);
    const impostor = { ...body, username: body.username.toUpperCase(), password: "another password" };
    expect((await problemOf(await register(impostor))).code).toBe("username_taken");
    expect((await problemOf(await login(body.username, impostor.password))).code).toBe("invalid_credentials");
    expect((await answerOf(await login(body.username), schemas.session)).user.username).toBe(body.username);
  });

  it.each([
    ["7 characters", "1234567", "password_too_short"],
    ["7 characters of 28 bytes", "👋".repeat(7), "password_too_short"],
    ["73 bytes", "x".repeat(73), "password_too_long"],
    ["73 bytes in 37 characters", `${"é".repeat(36)}x`, "password_too_long"],
  ])("refuses a password of %s", async (_, secret, code) => {
    const body = input({ password: secret });
    const problem = await problemOf(await register(body));
    expect(problem).toMatchObject({ code, errors: [{ field: "password" }] });
    expect(await api.store.users.findAccount(body.username)).toBeUndefined();
  });

  it.each([
    ["8 characters", "12345678"],
    ["72 bytes", "é".repeat(36)],
  ])("accepts a password of %s", async (_, secret) => {
    const body = input({ password: secret });
    await answerOf(await register(body), schemas.session);
    expect((await answerOf(await login(body.username, secret), schemas.session)).user.username).toBe(body.username);
  });

  it("drops the region of a browser's language and the white space around a name", async () => {
    const response = await register({ readingLanguage: "pt-BR", displayName: "  Ana Luísa " });
    const { user } = await answerOf(response, schemas.session);
    expect(user).toMatchObject({ readingLanguage: "pt", displayName: "Ana Luísa" });
  });
});

describe("signing in", () => {
  it("knows a username in any case", async () => {
    const { user } = await api.signUp("Alice");
    const session = await api.visitor().login({ username: user.username.toUpperCase(), password });
    expect(session.user).toEqual(user);
  });

  it("says the same of a wrong password as of an unknown user", async () => {
    const { user } = await api.signUp("alice");
    const [wrong, unknown] = [await login(user.username, "wrong password"), await login(freshUsername("nobody"))];
    expect([...wrong.headers]).toEqual([...unknown.headers]);
    const problem = await problemOf(wrong);
    expect(problem.code).toBe("invalid_credentials");
    expect(await problemOf(unknown)).toEqual(problem);
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });

  it("begins a sign-in of its own: ending another does not end it", async () => {
    const alice = await api.signUp("alice");
    const phone = await api.visitor().login({ username: alice.user.username, password });
    await alice.logout();
    const body = { refreshToken: phone.refreshToken };
    const next = await answerOf(await api.request("POST /auth/refresh", { body }), schemas.session);
    expect(next.user).toEqual(alice.user);
  });
});

describe("signing out", () => {
  it("ends the sign-in and clears the cookies", async () => {
    const { session } = await api.signUp("alice");
    const cookie = `meeshy_access=${session.accessToken}; meeshy_refresh=${session.refreshToken}`;
    const response = await api.request("POST /auth/logout", { headers: { cookie, origin } });
    expect(response.status).toBe(204);
    expect(response.headers.getSetCookie()).toEqual([
      "meeshy_access=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
      "meeshy_refresh=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
    ]);
    const refreshed = await api.request("POST /auth/refresh", { body: { refreshToken: session.refreshToken } });
    expect((await problemOf(refreshed)).code).toBe("session_expired");
  });

  it("works with the refresh token in the body, and leaves the client signed out", async () => {
    const alice = await api.signUp("alice");
    const { refreshToken } = alice.session;
    await api.request("POST /auth/logout", { body: { refreshToken } });
    const refreshed = await api.request("POST /auth/refresh", { body: { refreshToken } });
    expect((await problemOf(refreshed)).code).toBe("session_expired");
    await alice.logout();
    expect(await refusal(alice.me())).toBe("not_signed_in");
  });

  it("clears the cookies of a browser that was not signed in", async () => {
    const response = await api.request("POST /auth/logout");
    expect(response.status).toBe(204);
    expect(cookiesOf(response)).toBe("meeshy_access=; meeshy_refresh=");
  });
});
