import { beforeEach, describe, expect, it } from "vitest";
import type { ApiClient } from "./client.ts";
import type { GuestSession } from "./entry-schemas.ts";
import { conversationOf, days, newApi, password, refusal, type TestApi, type TestPerson } from "./testing.ts";

let api: TestApi;
let alice: TestPerson;
let id: string;
let code: string;
beforeEach(async () => {
  api = newApi();
  alice = await api.signUp("Alice");
  id = await conversationOf(alice);
  ({ code } = await alice.createInvite(id));
});

async function join(displayName = "Zoe", by = code): Promise<ApiClient & { readonly session: GuestSession }> {
  const visitor = api.visitor();
  const session = await visitor.joinAsGuest({ code: by, displayName, readingLanguage: "de-AT" });
  return { ...visitor, session };
}

describe("a guest", () => {
  it("is in the conversation at once, and everybody who is there hears of them", async () => {
    const socket = await alice.connect(id);
    const { session, ...guest } = await join();
    expect(session.user).toMatchObject({ displayName: "Zoe", readingLanguage: "de", isGuest: true });
    expect(session.conversationId).toBe(id);
    expect(await guest.me()).toEqual(session.user);
    expect(await guest.getConversation(id)).toMatchObject({ id, role: "guest" });
    expect(socket.all("memberChange").map(({ value }) => value.member)).toMatchObject([
      { userId: session.user.id, displayName: "Zoe", role: "guest" },
    ]);
  });

  it("reads and writes there, and leaves", async () => {
    await alice.send(id, "Welcome");
    const { session, ...guest } = await join();
    const headers = { authorization: `Bearer ${session.accessToken}` };
    const body = { clientMessageId: "1", text: "Hallo" };
    expect((await api.request(`POST /conversations/${id}/messages`, { headers, body })).status).toBe(201);
    expect((await guest.history(id)).messages.map(({ text }) => text)).toEqual(["Welcome", "Hallo"]);
    await guest.leave(id);
    expect(await refusal(guest.history(id))).toBe("conversation_not_found");
  });

  it("begins no conversation, finds, adds and invites nobody, and joins nothing else", async () => {
    const guest = await join();
    const bob = await api.signUp("Bob");
    const { code: other } = await bob.createInvite(await conversationOf(bob));
    const attempts = [
      guest.createConversation({ title: "Mine" }),
      guest.searchUsers("a"),
      guest.addMember(id, { username: bob.user.username }),
      guest.createInvite(id),
      guest.listInvites(id),
      guest.listBans(id),
      guest.acceptInvite(other),
    ];
    expect(await Promise.all(attempts.map(refusal))).toEqual(attempts.map(() => "not_permitted"));
    expect((await guest.acceptInvite(code)).role).toBe("guest");
  });

  it("is found by nobody, added to nothing, and has no password to sign in with", async () => {
    const { user } = (await join()).session;
    expect((await alice.searchUsers(user.username)).users).toEqual([]);
    const create = alice.createConversation({ title: "Another", members: [user.username] });
    expect(await refusal(create)).toBe("user_not_found");
    for (const secret of ["", password, "null", "undefined"]) {
      expect(await refusal(api.visitor().login({ username: user.username, password: secret }))).toBe(
        "invalid_credentials",
      );
    }
  });

  it("can be banned", async () => {
    const guest = await join();
    await alice.ban(id, { userId: guest.session.user.id });
    expect(await refusal(guest.getConversation(id))).toBe("conversation_not_found");
  });

  it("is a member even when the room could not be told", async () => {
    api.outage.error = new Error("The room does not answer.");
    const guest = await join();
    api.outage.error = undefined;
    expect((await guest.history(id)).messages).toEqual([]);
  });
});

describe("nobody becomes a guest", () => {
  it("by an invite that is unknown, expired, revoked or used up", async () => {
    const { code: once } = await alice.createInvite(id, { maxUses: 1 });
    const { code: revoked } = await alice.createInvite(id);
    await alice.revokeInvite(id, revoked);
    await join("first", once);
    for (const wrong of ["unknown", once, revoked]) expect(await refusal(join("Zoe", wrong))).toBe("invite_not_found");
    api.clock.now += days(7);
    expect(await refusal(join())).toBe("invite_not_found");
    expect(await api.store.conversations.members(id)).toHaveLength(2);
  });

  it("without a name or in a language that we do not have", async () => {
    const visitor = api.visitor();
    const attempt = (displayName: string, readingLanguage: string) =>
      refusal(visitor.joinAsGuest({ code, displayName, readingLanguage }));
    expect(await attempt(" ", "en")).toBe("invalid_request");
    expect(await attempt("Zoe", "tlh")).toBe("language_unknown");
  });
});
