import { beforeAll, describe, expect, it } from "vitest";
import { freshUsername } from "../store/testing.ts";
import { conversationOf, newApi, password, problemOf, type TestApi, type TestPerson } from "./testing.ts";

let api: TestApi;
let alice: TestPerson;
let id: string;
beforeAll(async () => {
  api = newApi();
  alice = await api.signUp("Alice");
  id = await conversationOf(alice);
});

/** The username that bad registrations ask for. */
const newcomer = freshUsername("newcomer");

/** All that a request could have changed. */
const world = () =>
  Promise.all([
    alice.me(),
    alice.listConversations(),
    alice.history(id),
    alice.searchUsers(newcomer),
    api.store.users.findAccount(newcomer),
  ]);

/** Sends `route`, where ID stands for the conversation, and makes sure that nothing came of it. */
async function refused(route: string, body?: unknown, headers: Record<string, string> = {}) {
  const before = await world();
  const problem = await problemOf(await api.request(route.replace("ID", id), { as: alice, body, headers }));
  expect(await world()).toEqual(before);
  return problem;
}

const registration = (change: object) => ({
  username: newcomer,
  password,
  displayName: "Newcomer",
  readingLanguage: "en",
  ...change,
});
const cursor = (text: string) => btoa(encodeURIComponent(text));

describe("a field that is wrong is named", () => {
  const register = (what: string, change: object, field: string, code = "invalid_request") =>
    [what, "POST /auth/register", registration(change), field, code] as const;
  const query = (what: string, route: string, field: string) =>
    [what, route, undefined, field, "invalid_request"] as const;
  const send = (change: object) => ({ clientMessageId: "c", text: "Hello", ...change });

  it.each([
    register("no username", { username: undefined }, "username"),
    register("a username of 2 characters", { username: "ab" }, "username"),
    register("a username of 33 characters", { username: "a".repeat(33) }, "username"),
    register("a username of other letters", { username: "алиса" }, "username"),
    register("a username with a space", { username: "alice b" }, "username"),
    register("a password that is a number", { password: 12_345_678 }, "password"),
    register("a short password", { password: "short" }, "password", "password_too_short"),
    register("a long password", { password: "x".repeat(73) }, "password", "password_too_long"),
    register("an empty display name", { displayName: "" }, "displayName"),
    register("a display name of white space", { displayName: " \t " }, "displayName"),
    register("a display name of 65 characters", { displayName: "x".repeat(65) }, "displayName"),
    register("a display name with NUL", { displayName: "a\0b" }, "displayName"),
    register("a display name with half a character", { displayName: "a\ud83d" }, "displayName"),
    register("an unknown language", { readingLanguage: "tlh" }, "readingLanguage", "language_unknown"),
    register("an empty language", { readingLanguage: "" }, "readingLanguage", "language_unknown"),
    register("a language of JavaScript's", { readingLanguage: "constructor" }, "readingLanguage", "language_unknown"),
    ["no password", "POST /auth/login", { username: newcomer }, "password", "invalid_request"],
    ["NUL in a username", "POST /auth/login", { username: "a\0b", password }, "username", "invalid_request"],
    ["a token that is a number", "POST /auth/refresh", { refreshToken: 1 }, "refreshToken", "invalid_request"],
    ["an unknown language", "PUT /users/me", { readingLanguage: "tlh" }, "readingLanguage", "language_unknown"],
    ["an empty name", "PUT /users/me", { displayName: "" }, "displayName", "invalid_request"],
    ["an id that is no UUID", "PUT /users/root", { displayName: "A" }, "id", "invalid_request"],
    ["no title", "POST /conversations", {}, "title", "invalid_request"],
    ["an empty title", "POST /conversations", { title: "" }, "title", "invalid_request"],
    ["a title of white space", "POST /conversations", { title: "\n" }, "title", "invalid_request"],
    ["a title of 101 characters", "POST /conversations", { title: "x".repeat(101) }, "title", "invalid_request"],
    ["a bad name", "POST /conversations", { title: "A", members: ["bob", "no one"] }, "members.1", "invalid_request"],
    [
      "256 other people",
      "POST /conversations",
      { title: "A", members: Array.from({ length: 256 }, (_, n) => `person${n}`) },
      "members",
      "invalid_request",
    ],
    ["an empty title", "PUT /conversations/ID", { title: "" }, "title", "invalid_request"],
    ["an empty title", "PATCH /conversations/ID", { title: "", translates: true }, "title", "invalid_request"],
    [
      "a word for whether to translate",
      "PATCH /conversations/ID",
      { translates: "no" },
      "translates",
      "invalid_request",
    ],
    ["nothing to change", "PATCH /conversations/ID", {}, "", "invalid_request"],
    ["an id that is no UUID", "GET /conversations/1", undefined, "id", "invalid_request"],
    ["an id that is no UUID", "POST /conversations/1/ticket", undefined, "id", "invalid_request"],
    ["another owner", "POST /conversations/ID/members", { username: "bob", role: "owner" }, "role", "invalid_request"],
    ["no username", "POST /conversations/ID/members", {}, "username", "invalid_request"],
    ["somebody who is no UUID", "DELETE /conversations/ID/members/bob", undefined, "userId", "invalid_request"],
    ["a second owner", "PATCH /conversations/ID/members/me", { role: "owner" }, "role", "invalid_request"],
    ["no role", "PATCH /conversations/ID/members/me", {}, "role", "invalid_request"],
    ["no text", "POST /conversations/ID/messages", { clientMessageId: "c" }, "text", "invalid_request"],
    ["a text that is a list", "POST /conversations/ID/messages", send({ text: ["a"] }), "text", "invalid_request"],
    ["no clientMessageId", "POST /conversations/ID/messages", { text: "a" }, "clientMessageId", "invalid_request"],
    ["null for a reply", "POST /conversations/ID/messages", send({ replyTo: null }), "replyTo", "invalid_request"],
    query("a limit of 0", "GET /conversations?limit=0", "limit"),
    query("a limit of 101", "GET /conversations?limit=101", "limit"),
    query("half a limit", "GET /conversations?limit=1.5", "limit"),
    query("a limit in words", "GET /users?query=a&limit=ten", "limit"),
    query("two limits", "GET /conversations/ID/messages?limit=1&limit=2", "limit"),
    query("a limit of 101", "GET /conversations/ID/messages?limit=101", "limit"),
    query("an offset of 0", "GET /conversations/ID/messages?before=0", "before"),
    query("an offset beyond all", "GET /conversations/ID/messages?before=4294967296", "before"),
    query("no query", "GET /users", "query"),
    query("an empty query", "GET /users?query=", "query"),
    query("a query with NUL", "GET /users?query=%00", "query"),
    query("a query of 33 characters", `GET /users?query=${"a".repeat(33)}`, "query"),
    query("an endless cursor", `GET /conversations?cursor=${"a".repeat(257)}`, "cursor"),
    query("a code with NUL", "GET /conversations/invites/%00", "code"),
    query("an endless code", `POST /conversations/invites/${"a".repeat(65)}/accept`, "code"),
  ] as const)("%s: %s", async (_, route, body, field, code) => {
    const { errors = [], ...problem } = await refused(route, body);
    expect(problem.code).toBe(code);
    expect(errors.map((error) => error.field)).toEqual([field]);
    for (const { detail } of errors) expect(detail).not.toBe("");
  });

  it("names every field that is wrong at once", async () => {
    const { errors = [] } = await refused("POST /auth/register", {});
    expect(errors.map(({ field }) => field)).toEqual(["username", "password", "displayName", "readingLanguage"]);
  });

  it("does not repeat what was sent", async () => {
    const secret = "x".repeat(80);
    expect(JSON.stringify(await refused("POST /auth/register", registration({ password: secret })))).not.toContain(
      secret,
    );
  });
});

describe("a cursor that no page gave", () => {
  it.each(["nonsense", "%F0", cursor("not JSON"), cursor("{}"), cursor('["now","id"]'), cursor("null")])(
    "%s is refused for both lists",
    async (text) => {
      for (const route of [`GET /conversations?cursor=${text}`, `GET /users?query=a&cursor=${text}`]) {
        expect((await refused(route)).code).toBe("invalid_cursor");
      }
    },
  );

  it("may be of the right shape and still out of all bounds", async () => {
    for (const time of [Number.MAX_SAFE_INTEGER, -1, 8.64e15]) {
      const text = cursor(JSON.stringify([time, alice.user.id]));
      expect((await refused(`GET /conversations?cursor=${text}`)).code).toBe("invalid_cursor");
    }
    expect((await refused(`GET /users?query=a&cursor=${cursor('"a\\u0000"')}`)).code).toBe("invalid_cursor");
  });
});

describe("a body", () => {
  const writes = ["POST /auth/register", "POST /auth/refresh", "PUT /users/me", "POST /conversations/ID/messages"];

  it.each(writes)("of %s that is not JSON is refused", async (route) => {
    for (const body of ["{", "", "{'title':'A'}", '{"title":"A"}}', "\ufffe"]) {
      expect((await refused(route, body)).code).toBe("invalid_json");
    }
  });

  it.each(writes)("of %s that is JSON but no object is refused", async (route) => {
    for (const body of ["null", "[]", '"text"', "1"]) {
      const { code, errors } = await refused(route, body);
      expect([code, errors?.map(({ field }) => field)]).toEqual(["invalid_request", [""]]);
    }
  });

  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"])(
    "of another type is refused: %s",
    async (type) => {
      for (const route of writes) {
        expect((await refused(route, "{}", { "content-type": type })).code).toBe("unsupported_media_type");
      }
    },
  );

  it("says its type in any case, with its character set", async () => {
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    const response = await api.request("PUT /users/me", { as: alice, headers, body: { displayName: "Alice B" } });
    expect(await response.json()).toMatchObject({ displayName: "Alice B" });
  });

  it("is read up to 64 KiB, however its length is told", async () => {
    const body = JSON.stringify({ displayName: "Alice" });
    for (const headers of [{}, { "content-length": "65536" }]) {
      const response = await api.request("PUT /users/me", { as: alice, headers, body: body.padEnd(65_536) });
      expect(await response.json()).toMatchObject({ displayName: "Alice" });
    }
    const long = body.padEnd(65_537);
    expect((await refused("PUT /users/me", long)).code).toBe("body_too_large");
    expect((await refused("PUT /users/me", long, { "content-length": "65537" })).code).toBe("body_too_large");
  });
});

describe("an address that leads nowhere", () => {
  it.each([
    "GET /",
    "GET /nothing",
    "DELETE /users/me",
    "DELETE /conversations/ID",
    "GET /conversations/ID/messages/1",
  ])("%s", async (route) => {
    expect(await refused(route)).toMatchObject({ code: "route_not_found", status: 404 });
  });
});
