import { beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { uuidv7 } from "../ids.ts";
import { freshUsername } from "../store/testing.ts";
import * as schemas from "./schemas.ts";
import {
  answerOf,
  conversationOf,
  newApi,
  password,
  problemOf,
  refusal,
  type TestApi,
  type TestPerson,
} from "./testing.ts";

let api: TestApi;
let alice: TestPerson;
beforeEach(async () => {
  api = newApi();
  alice = await api.signUp("Alice");
});

describe("a profile", () => {
  it("changes only where it is told to", async () => {
    expect(await alice.updateMe({ displayName: "  ليلى " })).toEqual({ ...alice.user, displayName: "ليلى" });
    expect(await alice.updateMe({ readingLanguage: "ar-EG" })).toMatchObject({ readingLanguage: "ar" });
    expect(await alice.updateMe({ alsoReads: ["fr-CA", "en", "fr"] })).toMatchObject({ alsoReads: ["fr", "en"] });
    expect(await alice.updateMe({ alsoReads: [] })).toMatchObject({ alsoReads: [] });
    expect(await alice.updateMe({})).toEqual({ ...alice.user, displayName: "ليلى", readingLanguage: "ar" });
    expect(await alice.me()).toEqual({ ...alice.user, displayName: "ليلى", readingLanguage: "ar" });
  });

  it("keeps its id, username and time of creation whatever the body says", async () => {
    const body = { displayName: "A", id: uuidv7(), username: "root", createdAt: "2000-01-01T00:00:00Z" };
    await api.request("PUT /users/me", { as: alice, body });
    expect(await alice.me()).toEqual({ ...alice.user, displayName: "A" });
  });

  it("is reached by one's own id, in either case, as by `me`", async () => {
    for (const id of [alice.user.id, alice.user.id.toUpperCase()]) {
      const response = await api.request(`PUT /users/${id}`, { as: alice, body: { displayName: id } });
      expect((await answerOf(response, schemas.user)).displayName).toBe(id);
    }
  });

  it("is changed by its owner only", async () => {
    const bob = await api.signUp("Bob");
    for (const id of [bob.user.id, uuidv7()]) {
      const response = await api.request(`PUT /users/${id}`, { as: alice, body: { displayName: "Mallory" } });
      expect((await problemOf(response)).code).toBe("not_yourself");
    }
    expect(await bob.me()).toEqual(bob.user);
  });

  it("is told to the people in the same conversations", async () => {
    const bob = await api.signUp("Bob");
    const id = await conversationOf(alice, bob);
    const socket = await bob.connect(id);
    await alice.updateMe({ displayName: "Alicia", readingLanguage: "de" });
    expect(socket.all("memberChange").map(({ value }) => value.member)).toMatchObject([
      { userId: alice.user.id, displayName: "Alicia", readingLanguage: "de" },
    ]);
  });

  it("changes even while the rooms cannot be told", async () => {
    await conversationOf(alice);
    api.outage.error = new Error("The room is moving.");
    expect((await alice.updateMe({ displayName: "Alicia" })).displayName).toBe("Alicia");
  });

  it("decides the language in which its owner reads from then on", async () => {
    const id = await conversationOf(alice, await api.signUp("Bob"));
    await alice.send(id, "Hello");
    await alice.updateMe({ readingLanguage: "fr" });
    await vi.waitFor(async () => {
      const { messages } = await alice.history(id);
      expect(messages[0]?.translations).toMatchObject([{ language: "fr", text: "fr: Hello" }]);
    });
  });
});

describe("finding people", () => {
  const tag = () => freshUsername("s").replaceAll("-", "");
  const join = async (username: string) =>
    (await api.visitor().register({ username, password, displayName: username, readingLanguage: "fr" })).user;

  it("goes by the beginning of the username in any case, and tells what is public", async () => {
    const prefix = tag();
    const { id, username, displayName, readingLanguage } = await join(`${prefix}.Ana`);
    await join(tag());
    const response = await api.request(`GET /users?query=${prefix.toUpperCase()}.a`, { as: alice });
    const body = z.unknown().parse(await response.json());
    expect(body).toEqual({ users: [{ id, username, displayName, readingLanguage }] });
  });

  it("goes page by page, in the order of the usernames, without a gap or a repetition", async () => {
    const prefix = tag();
    const names = ["a", "B", "c", "D", "e"].map((end) => `${prefix}${end}`);
    for (const name of names.toReversed()) await join(name);
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await alice.searchUsers(prefix, { limit: 2, cursor });
      pages.push(page.users.map(({ username }) => username));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(pages).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4)]);
  });

  it("ends without a cursor when the last page is precisely full", async () => {
    const prefix = tag();
    for (const end of ["a", "b"]) await join(`${prefix}${end}`);
    expect(await alice.searchUsers(prefix, { limit: 2 })).not.toHaveProperty("nextCursor");
  });

  it("takes wildcards and quotes as they are written", async () => {
    for (const query of ["%", "_", "'", "\\", "a%"]) expect(await alice.searchUsers(query)).toEqual({ users: [] });
  });

  it("needs somebody who is signed in", async () => {
    expect(await refusal(api.visitor().searchUsers("a"))).toBe("not_signed_in");
  });
});
