import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../errors.ts";
import { conversationOf, newApi, password, problemOf, type TestApi } from "./testing.ts";

let api: TestApi;
beforeEach(() => {
  api = newApi();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a refusal", () => {
  it("is a problem document whose type leads to the documentation of its code", async () => {
    const response = await api.request("GET /nothing");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toEqual({
      type: "/api/docs#route_not_found",
      title: "route not found",
      status: 404,
      code: "route_not_found",
      detail: "There is nothing here; /api/docs lists what there is.",
    });
  });

  it("says when to try again, in whole seconds for HTTP", async () => {
    const alice = await api.signUp("Alice");
    const id = await conversationOf(alice);
    api.outage.error = new AppError("rate_limited", 429, "Slow down.", 1200);
    const response = await api.request(`GET /conversations/${id}/messages`, { as: alice });
    expect(response.headers.get("retry-after")).toBe("2");
    expect((await problemOf(response)).retryAfterMs).toBe(1200);
  });
});

describe("what goes wrong on our side", () => {
  it("is answered without a word of it, and logged without what people wrote", async () => {
    const alice = await api.signUp("Alice");
    const id = await conversationOf(alice);
    const log = vi.spyOn(console, "error").mockImplementation(() => {});
    api.outage.error = new TypeError("cannot store 'my secret'");
    const body = { clientMessageId: "c1", text: "my secret" };
    const response = await api.request(`POST /conversations/${id}/messages`, { as: alice, body });
    const problem = await problemOf(response);
    expect(problem.code).toBe("internal_error");
    expect(JSON.stringify(problem)).not.toContain("secret");
    const [entry] = log.mock.calls.flat();
    expect(JSON.parse(String(entry))).toMatchObject({ event: "unexpected_error", method: "POST", name: "TypeError" });
    expect(entry).toContain("problems.test.ts");
    expect(entry).not.toContain("secret");
    expect(entry).not.toContain(alice.session.accessToken);
  });

  it("asks to try again in a second while the database does not answer", async () => {
    const cut = newApi({ NEON_LOCAL: "127.0.0.1:1" });
    const response = await cut.request("POST /auth/login", { body: { username: "alice", password } });
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await problemOf(response)).toMatchObject({ code: "database_unavailable", retryAfterMs: 1000 });
  });

  it("says no more when a setting is missing", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const problem = await problemOf(await newApi({ JWT_SECRET: "short" }).request("GET /users/me"));
    expect(problem.code).toBe("internal_error");
    expect(JSON.stringify(problem)).not.toContain("JWT_SECRET");
  });
});
