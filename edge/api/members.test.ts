import { beforeEach, describe, expect, it } from "vitest";
import { closeCodes } from "../conversation/close-codes.ts";
import { uuidv7 } from "../ids.ts";
import { createAccount, freshUsername } from "../store/testing.ts";
import * as schemas from "./schemas.ts";
import { answerOf, cast, newApi, problemOf, refusal, type TestApi, type TestPerson } from "./testing.ts";

let api: TestApi;
beforeEach(() => {
  api = newApi();
});

const rolesIn = async (id: string, witness: TestPerson): Promise<string[]> =>
  (await witness.getConversation(id)).members.map(({ displayName, role }) => `${displayName}: ${role}`);

describe("the members of a conversation", () => {
  it("are listed in the order in which they joined", async () => {
    const { id, guest } = await cast(api);
    const response = await api.request(`GET /conversations/${id}/members`, { as: guest });
    const { members } = await answerOf(response, schemas.memberList);
    expect(members.map(({ role }) => role)).toEqual(["owner", "admin", "member", "guest"]);
    expect(members).toEqual((await guest.getConversation(id)).members);
  });
});

describe.each([
  {
    who: "owner",
    renames: true,
    invites: true,
    grants: ["admin", "member", "guest"],
    removes: ["admin", "member", "guest"],
  },
  { who: "admin", renames: true, invites: true, grants: ["member", "guest"], removes: ["member", "guest"] },
  { who: "member", renames: false, invites: true, grants: ["member", "guest"], removes: [] },
  { who: "guest", renames: false, invites: false, grants: [], removes: [] },
] as const)("the $who", ({ who, renames, invites, grants, removes }) => {
  const outcome = (allowed: boolean) => (allowed ? "accepted" : "not_permitted");
  const includes = (roles: readonly string[], role: string) => roles.includes(role);

  it(`${renames ? "renames" : "does not rename"} the conversation, ${invites ? "invites" : "does not invite"}`, async () => {
    const { id, ...people } = await cast(api);
    expect(await refusal(people[who].renameConversation(id, "Monday"))).toBe(outcome(renames));
    expect(await refusal(people[who].createInvite(id))).toBe(outcome(invites));
    expect((await people.owner.getConversation(id)).title).toBe(renames ? "Monday" : "Weekend");
  });

  it(`adds ${grants.join(", ") || "nobody"}`, async () => {
    const { id, ...people } = await cast(api);
    const before = await rolesIn(id, people.guest);
    for (const role of ["admin", "member", "guest"] as const) {
      api.clock.now += 1000;
      const { user } = await api.signUp(`new ${role}`.replace(" ", "-"));
      const added = people[who].addMember(id, { username: user.username, role });
      expect(await refusal(added)).toBe(outcome(includes(grants, role)));
    }
    const joined = grants.map((role) => `new-${role}: ${role}`);
    expect(await rolesIn(id, people.guest)).toEqual([...before, ...joined]);
  });

  it(`removes ${removes.join(", ") || "nobody"}`, async () => {
    const { id, ...people } = await cast(api);
    for (const role of ["owner", "admin", "member", "guest"] as const) {
      if (role === who) continue;
      const removed = people[who].removeMember(id, people[role].user.id);
      expect(await refusal(removed)).toBe(outcome(includes(removes, role)));
      const seen = await refusal(people[role].getConversation(id));
      expect(seen).toBe(includes(removes, role) ? "conversation_not_found" : "accepted");
    }
  });
});

describe("adding somebody", () => {
  it("who is there already changes nothing, not even their role", async () => {
    const { id, owner, admin } = await cast(api);
    const before = await owner.getConversation(id);
    expect(await owner.addMember(id, { username: admin.user.username, role: "guest" })).toEqual(before);
    expect(await admin.addMember(id, { username: owner.user.username })).toEqual({ ...before, role: "admin" });
  });

  it("who does not exist is refused by name", async () => {
    const { id, owner } = await cast(api);
    const username = freshUsername("nobody");
    const response = await api.request(`POST /conversations/${id}/members`, { as: owner, body: { username } });
    const problem = await problemOf(response);
    expect(problem.code).toBe("user_not_found");
    expect(problem.detail).toContain(username);
  });

  it("makes them a member, whatever the case of the name, and tells everybody who is there", async () => {
    const { id, owner, guest } = await cast(api);
    const [socket, zoe] = [await guest.connect(id), await api.signUp("Zoe", "de")];
    await owner.addMember(id, { username: zoe.user.username.toUpperCase() });
    expect((await zoe.getConversation(id)).role).toBe("member");
    expect(socket.all("memberChange").map(({ value }) => value)).toMatchObject([
      { member: { userId: zoe.user.id, displayName: "Zoe", readingLanguage: "de" }, removed: false },
    ]);
  });

  it("stops at 256 members, by invite too, and still lets in who is there already", async () => {
    const { id, owner, member } = await cast(api);
    const { code } = await owner.createInvite(id);
    const crowd = await Promise.all(Array.from({ length: 252 }, () => createAccount(api.store, "crowd")));
    const join = { conversationId: id, role: "member", now: new Date(api.clock.now), maxMembers: 256 } as const;
    await Promise.all(crowd.map((one) => api.store.conversations.addMember({ ...join, userId: one.id })));
    const late = await api.signUp("late");
    expect(await refusal(owner.addMember(id, { username: late.user.username }))).toBe("conversation_full");
    expect(await refusal(late.acceptInvite(code))).toBe("conversation_full");
    expect((await member.acceptInvite(code)).members).toHaveLength(256);
    expect(await refusal(late.getConversation(id))).toBe("conversation_not_found");
  });
});

describe("going away", () => {
  it("is everybody's right: even a guest leaves, by `me` or by their own id", async () => {
    const { id, member, guest } = await cast(api);
    await guest.leave(id);
    await member.removeMember(id, member.user.id);
    expect(await refusal(guest.getConversation(id))).toBe("conversation_not_found");
    expect(await refusal(member.leave(id))).toBe("conversation_not_found");
  });

  it("hands an owner's conversation to the longest-standing admin, then member, never to a guest", async () => {
    const { id, owner, admin, member, guest } = await cast(api);
    await owner.leave(id);
    expect(await rolesIn(id, guest)).toEqual(["admin: owner", "member: member", "guest: guest"]);
    await admin.leave(id);
    expect(await rolesIn(id, guest)).toEqual(["member: owner", "guest: guest"]);
    await member.leave(id);
    expect(await rolesIn(id, guest)).toEqual(["guest: guest"]);
  });

  it("closes the sockets of who was removed and tells the others", async () => {
    const { id, owner, member, guest } = await cast(api);
    const [theirs, others] = [await member.connect(id), await guest.connect(id)];
    await owner.removeMember(id, member.user.id);
    expect(theirs.closed).toBe(closeCodes.removed.code);
    expect(others.closed).toBeUndefined();
    expect(others.all("memberChange").at(-1)?.value).toMatchObject({
      member: { userId: member.user.id },
      removed: true,
    });
  });

  it("is not for who is not there", async () => {
    const { id, owner } = await cast(api);
    const stranger = await api.signUp("stranger");
    for (const userId of [stranger.user.id, uuidv7()]) {
      expect(await refusal(owner.removeMember(id, userId))).toBe("member_not_found");
    }
    expect(await rolesIn(id, owner)).toHaveLength(4);
  });

  it("can be undone: who comes back sees what was written before", async () => {
    const { id, owner, member } = await cast(api);
    await member.send(id, "Goodbye");
    await member.leave(id);
    await owner.addMember(id, { username: member.user.username });
    expect((await member.history(id)).messages.map(({ text }) => text)).toEqual(["Goodbye"]);
  });
});
