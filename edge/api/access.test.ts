import { beforeAll, describe, expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import { createApi } from "./index.ts";
import { conversationOf, newApi, problemOf, type TestApi, type TestPerson } from "./testing.ts";

const { paths } = createApi().getOpenAPI31Document({ openapi: "3.1.0", info: { title: "", version: "" } });

/** Every route of the documentation, "GET /users/me", and whether it says that it needs a sign-in. */
const routes = Object.entries(paths ?? {}).flatMap(([path, { get, put, post, patch, delete: remove }]) =>
  Object.entries({ GET: get, PUT: put, POST: post, PATCH: patch, DELETE: remove }).flatMap(([method, operation]) =>
    operation === undefined ? [] : [{ route: `${method} ${path}`, isOpen: operation.security === undefined }],
  ),
);
const open = routes.filter(({ isOpen }) => isOpen).map(({ route }) => route);
const closed = routes.filter(({ isOpen }) => !isOpen).map(({ route }) => route);
const inConversation = closed.filter((route) => route.includes("/conversations/{id}"));

/** What makes each route's body right, so that a refusal is about who asks. */
const bodies: Readonly<Record<string, object>> = {
  "PUT /conversations/{id}": { title: "Mine now" },
  "PATCH /conversations/{id}": { title: "Mine now", translates: false },
  "PUT /conversations/{id}/mute": { until: null },
  "POST /conversations/{id}/members": { username: "mallory" },
  "PATCH /conversations/{id}/members/{userId}": { role: "admin" },
  "POST /conversations/{id}/bans": { userId: "0195e8a0-0000-7000-8000-000000000000" },
  "POST /conversations/{id}/messages": { clientMessageId: "c1", text: "Let me in" },
};

let api: TestApi;
let alice: TestPerson;
let bob: TestPerson;
let id: string;
beforeAll(async () => {
  api = newApi();
  [alice, bob] = [await api.signUp("Alice"), await api.signUp("Bob")];
  id = await conversationOf(alice, bob);
});

const address = (route: string, conversationId: string) =>
  route
    .replace("{id}", conversationId)
    .replace("{userId}", bob.user.id)
    .replace("{messageId}", uuidv7())
    .replace("{code}", "unknown");

describe("without a sign-in", () => {
  it("only signing in, joining as a guest and looking at an invite are open", () => {
    expect(open.sort()).toEqual([
      "GET /conversations/invites/{code}",
      "POST /auth/guests",
      "POST /auth/login",
      "POST /auth/logout",
      "POST /auth/refresh",
      "POST /auth/register",
      "POST /users",
    ]);
  });

  it.each(closed)("%s is refused, before anything is looked at", async (route) => {
    const wrong = route.startsWith("GET") ? undefined : { nonsense: true };
    for (const body of [bodies[route], wrong]) {
      const response = await api.request(address(route, id), { body });
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect((await problemOf(response)).code).toBe("not_signed_in");
    }
  });
});

describe("a stranger to a conversation", () => {
  it.each(inConversation)("hears at %s that there is no such conversation", async (route) => {
    const [stranger, left] = [await api.signUp("stranger"), await api.signUp("left")];
    await alice.addMember(id, { username: left.user.username, role: "admin" });
    await left.leave(id);
    const before = [await alice.getConversation(id), await alice.history(id)];

    const ask = async (as: TestPerson, conversationId: string) =>
      problemOf(await api.request(address(route, conversationId), { as, body: bodies[route] }));
    const refused = await ask(stranger, id);
    expect(refused.code).toBe("conversation_not_found");
    expect(await ask(left, id)).toEqual(refused);
    expect(await ask(stranger, uuidv7())).toEqual(refused);

    expect([await alice.getConversation(id), await alice.history(id)]).toEqual(before);
  });

  it("has nineteen routes to try", () => {
    expect(inConversation).toHaveLength(19);
  });
});
