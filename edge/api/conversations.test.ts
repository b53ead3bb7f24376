import { beforeEach, describe, expect, it } from "vitest";
import { verifySocketTicket } from "../auth/tokens.ts";
import { freshUsername } from "../store/testing.ts";
import * as messageSchemas from "./message-schemas.ts";
import * as schemas from "./schemas.ts";
import {
  answerOf,
  conversationOf,
  minutes,
  newApi,
  problemOf,
  refusal,
  settings,
  type TestApi,
  type TestPerson,
} from "./testing.ts";

let api: TestApi;
let alice: TestPerson;
let bob: TestPerson;
beforeEach(async () => {
  api = newApi();
  alice = await api.signUp("Alice");
  bob = await api.signUp("Bob", "fr");
});

describe("beginning a conversation", () => {
  it("makes its creator the owner and everybody who was named a member", async () => {
    const begun = await alice.createConversation({ title: " Weekend ", members: [bob.user.username] });
    expect(begun).toMatchObject({ title: "Weekend", role: "owner", createdAt: new Date(api.clock.now).toISOString() });
    expect(begun.members).toHaveLength(2);
    const { id: userId, username, displayName, readingLanguage } = bob.user;
    expect(begun.members).toContainEqual({ userId, username, displayName, readingLanguage, role: "member" });
    expect(await bob.getConversation(begun.id)).toEqual({ ...begun, role: "member" });
  });

  it("takes names in any case, twice, and one's own", async () => {
    const { username } = bob.user;
    const members = [username.toUpperCase(), username, alice.user.username];
    const begun = await alice.createConversation({ title: "Weekend", members });
    expect(begun.members.map(({ userId, role }) => [userId, role]).sort()).toEqual(
      [
        [alice.user.id, "owner"],
        [bob.user.id, "member"],
      ].sort(),
    );
  });

  it("names whom it does not know, and begins nothing", async () => {
    const nobody = freshUsername("nobody");
    const body = { title: "Weekend", members: [bob.user.username, nobody] };
    const problem = await problemOf(await api.request("POST /conversations", { as: alice, body }));
    expect(problem.code).toBe("user_not_found");
    expect(problem.detail).toContain(nobody);
    expect(problem.detail).not.toContain(bob.user.username);
    expect(await alice.listConversations()).toEqual({ conversations: [] });
  });

  it("tells the room its title and members", async () => {
    const id = await conversationOf(alice, bob);
    const [connection] = (await bob.connect(id)).all("connection");
    expect(connection?.value).toMatchObject({ conversationId: id, title: "Weekend" });
    expect(connection?.value.members.map(({ userId }) => userId).sort()).toEqual([alice.user.id, bob.user.id].sort());
  });
});

describe("the list of conversations", () => {
  const begin = async (title: string) => {
    api.clock.now += minutes(1);
    return (await alice.createConversation({ title })).id;
  };

  it("goes page by page, the most recently active first, without a gap or a repetition", async () => {
    const oldest = await begin("a");
    for (const title of ["b", "c", "d", "e"]) await begin(title);
    api.clock.now += 1;
    await alice.send(oldest, "Hello");
    await api.drain(oldest);
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await alice.listConversations({ limit: 2, cursor });
      pages.push(page.conversations.map(({ title }) => title));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(pages).toEqual([["a", "e"], ["d", "c"], ["b"]]);
  });

  it("keeps conversations of the same moment apart", async () => {
    const ids = [await conversationOf(alice), await conversationOf(alice), await conversationOf(alice)];
    const first = await alice.listConversations({ limit: 2 });
    const second = await alice.listConversations({ limit: 2, cursor: first.nextCursor });
    const listed = [...first.conversations, ...second.conversations].map(({ id }) => id);
    expect(listed.sort()).toEqual(ids.sort());
  });

  it("shows the last message, once the room has written it down", async () => {
    const id = await begin("a");
    expect(await alice.getConversation(id)).not.toHaveProperty("lastMessage");
    await alice.send(id, "Hello");
    await alice.send(id, "Bye");
    const createdAt = new Date(api.clock.now).toISOString();
    await api.drain(id);
    const { conversations } = await alice.listConversations();
    expect(conversations[0]?.lastMessage).toEqual({ text: "Bye", authorId: alice.user.id, createdAt });
  });

  it("holds only one's own, each with one's own role", async () => {
    const id = await conversationOf(alice, bob);
    await begin("without Bob");
    const { conversations } = await bob.listConversations();
    expect(conversations.map((one) => [one.id, one.role])).toEqual([[id, "member"]]);
  });
});

describe("renaming", () => {
  it("is told to everybody who is there", async () => {
    const id = await conversationOf(alice, bob);
    expect(await alice.renameConversation(id, " Monday ")).toMatchObject({ id, title: "Monday", role: "owner" });
    expect((await bob.getConversation(id)).title).toBe("Monday");
    expect((await bob.connect(id)).all("connection")[0]?.value.title).toBe("Monday");
  });

  it("is not for members, and a refusal leaves the title as it was", async () => {
    const id = await conversationOf(alice, bob);
    expect(await refusal(bob.renameConversation(id, "Monday"))).toBe("not_permitted");
    expect((await alice.getConversation(id)).title).toBe("Weekend");
  });
});

describe("turning translation off", () => {
  const demanded = async (id: string, text: string) => {
    await alice.send(id, text, { language: "en" });
    const { messages } = await bob.history(id);
    return messages.at(-1)?.translations.map(({ language }) => language);
  };

  it("is told to everybody who is there, as an event of the log, and on again too", async () => {
    const id = await conversationOf(alice, bob);
    const socket = await bob.connect(id);
    expect(await alice.setTranslates(id, false)).toMatchObject({ id, title: "Weekend", translates: false });
    expect((await bob.getConversation(id)).translates).toBe(false);
    await alice.setTranslates(id, false);
    await alice.setTranslates(id, true);
    expect(socket.all("translationChange").map(({ offset, value }) => [offset, value.translates])).toEqual([
      [1, false],
      [2, true],
    ]);
    expect((await bob.listConversations()).conversations[0]?.translates).toBe(true);
  });

  it("keeps messages as they were written, whatever changes besides, until it is on again", async () => {
    const id = await conversationOf(alice, bob);
    const socket = await bob.connect(id);
    await alice.setTranslates(id, false);
    await alice.renameConversation(id, "Monday");
    await alice.addMember(id, { username: (await api.signUp("Carol")).user.username });
    await bob.updateMe({ displayName: "Robert" });
    expect(await demanded(id, "Hello")).toEqual([]);
    expect(socket.all("messageTranslation")).toEqual([]);
    await alice.setTranslates(id, true);
    await expect.poll(() => demanded(id, "Bye")).toEqual(["fr"]);
    expect(socket.all("messageTranslation").map(({ value }) => value.text)).toContain("fr: Hello");
  });

  it("goes together with a title, all or nothing, and is not for members", async () => {
    const id = await conversationOf(alice, bob);
    const body = { title: "Monday", translates: false };
    const refused = await problemOf(await api.request(`PATCH /conversations/${id}`, { as: bob, body }));
    expect([refused.status, refused.code]).toEqual([403, "not_permitted"]);
    expect(await refusal(bob.setTranslates(id, false))).toBe("not_permitted");
    expect(await alice.getConversation(id)).toMatchObject({ title: "Weekend", translates: true });
    const changed = await api.request(`PATCH /conversations/${id}`, { as: alice, body });
    expect(await answerOf(changed, schemas.conversation)).toMatchObject(body);
  });

  it("reaches a room that could not be told, with the next change of its members", async () => {
    const id = await conversationOf(alice, bob);
    api.outage.error = new Error("unreachable");
    await alice.setTranslates(id, false).catch(() => undefined);
    api.outage.error = undefined;
    await bob.leave(id);
    expect((await alice.connect(id)).all("connection")[0]?.value.translates).toBe(false);
  });
});

describe("a socket ticket", () => {
  it("names its bearer and the conversation, for a minute", async () => {
    const id = await conversationOf(alice, bob);
    const { ticket, expiresIn } = await bob.socketTicket(id);
    expect(expiresIn).toBe(60);
    const verify = (ms: number) => verifySocketTicket(ticket, settings, new Date(api.clock.now + ms));
    expect(await verify(59_000)).toEqual({ userId: bob.user.id, conversationId: id });
    await expect(verify(60_000)).rejects.toMatchObject({ code: "invalid_ticket" });
  });

  it("is no access token", async () => {
    const { ticket } = await alice.socketTicket(await conversationOf(alice));
    const response = await api.request("GET /users/me", { headers: { authorization: `Bearer ${ticket}` } });
    expect((await problemOf(response)).code).toBe("invalid_token");
  });
});

describe("an id in upper case", () => {
  it("names the same conversation and the same room", async () => {
    const id = await conversationOf(alice, bob);
    const { messageId, offset } = await alice.send(id, "one");
    expect(await alice.send(id.toUpperCase(), "two")).toMatchObject({ offset: offset + 1 });
    const response = await api.request(`GET /conversations/${id.toUpperCase()}/messages`, { as: bob });
    const { messages } = await answerOf(response, messageSchemas.messagePage);
    expect(messages.map(({ text }) => text)).toEqual(["one", "two"]);
    expect(messages[0]?.id).toBe(messageId);
    await alice.removeMember(id, bob.user.id.toUpperCase());
    expect(await refusal(bob.getConversation(id))).toBe("conversation_not_found");
  });
});
