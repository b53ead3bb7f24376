import { describe, expect, it } from "vitest";
import { ApiError, createApiClient } from "./client.ts";
import { newApi, origin, password } from "./testing.ts";

describe("the API's client", () => {
  it("is signed in by its own cookies from registering until it signs out", async () => {
    const api = newApi();
    const alice = await api.signUp("Alice");
    expect(await alice.me()).toEqual(alice.user);
    await alice.logout();
    await expect(alice.me()).rejects.toMatchObject({ code: "not_signed_in", status: 401 });
    await alice.login({ username: alice.user.username, password });
    expect(await alice.me()).toEqual(alice.user);
  });

  it("passes on who asks and from where, and nothing else of a person's request", async () => {
    const passed: Request[] = [];
    const headers = new Headers({
      cookie: "meeshy_access=a; theme=dark",
      origin,
      "cf-connecting-ip": "192.0.2.1",
      "content-length": "9",
      host: "meeshy.test",
      "x-meeshy-person": "somebody else",
    });
    const client = createApiClient(
      async (request) => {
        passed.push(request);
        return Response.json({ conversations: [] });
      },
      { origin, headers },
    );
    await client.listConversations({ limit: 5 });
    const [request] = passed;
    expect(request?.url).toBe(`${origin}/api/conversations?limit=5`);
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      accept: "application/json",
      cookie: "meeshy_access=a; theme=dark",
      origin,
      "cf-connecting-ip": "192.0.2.1",
    });
  });

  it("hands on the cookies that the API sets", async () => {
    const set: string[] = [];
    const api = newApi();
    const answer = await api.request("POST /auth/logout");
    const client = createApiClient(async () => answer, {
      origin,
      headers: new Headers(),
      onSetCookie: (cookie) => set.push(cookie),
    });
    await client.logout();
    expect(set).toEqual(answer.headers.getSetCookie());
    expect(set).toHaveLength(2);
  });

  it("says what was wrong with each field", async () => {
    const client = newApi().visitor();
    const attempt = client.register({ username: "a", password: "short", displayName: "A", readingLanguage: "en" });
    const error = await attempt.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: "password_too_short",
      message: "Choose a password of at least 8 characters.",
      fields: { username: expect.stringMatching(/3 to 32/), password: expect.stringMatching(/8 characters/) },
      retryAfterMs: 0,
    });
  });

  it("makes an error of an answer that is none of the API's", async () => {
    const answer = new Response("<h1>Bad gateway</h1>", { status: 502, headers: { "content-type": "text/html" } });
    const client = createApiClient(async () => answer, { origin, headers: new Headers() });
    await expect(client.me()).rejects.toMatchObject({ code: "bad_answer", status: 502, fields: {} });
  });
});
