import { beforeEach, describe, expect, it } from "vitest";
import { invite } from "./entry-schemas.ts";
import {
  answerOf,
  cast,
  conversationOf,
  days,
  minutes,
  newApi,
  problemOf,
  refusal,
  type TestApi,
  type TestPerson,
} from "./testing.ts";

let api: TestApi;
let alice: TestPerson;
let bob: TestPerson;
let conversationId: string;
beforeEach(async () => {
  api = newApi();
  [alice, bob] = [await api.signUp("Alice"), await api.signUp("Bob")];
  conversationId = await conversationOf(alice);
});

/** What a visitor hears who looks where the code leads, and somebody who signs up and accepts it. */
const outcomes = async (code: string): Promise<string[]> => [
  await refusal(api.visitor().previewInvite(code)),
  await refusal((await api.signUp("Eve")).acceptInvite(code)),
];
const notFound = ["invite_not_found", "invite_not_found"];

describe("an invite", () => {
  it("shows to anybody who has it where it leads, and nothing more", async () => {
    const { code } = await alice.createInvite(conversationId);
    const response = await api.request(`GET /conversations/invites/${code}`);
    expect(await response.json()).toEqual({ title: "Weekend", invitedBy: "Alice", memberCount: 1 });
  });

  it("lets somebody in as a member and tells everybody who is there", async () => {
    const { code } = await alice.createInvite(conversationId);
    const socket = await alice.connect(conversationId);
    const joined = await bob.acceptInvite(code);
    expect(joined).toMatchObject({ id: conversationId, title: "Weekend", role: "member" });
    expect(joined).toEqual(await bob.getConversation(conversationId));
    expect(socket.all("memberChange").map(({ value }) => value.member?.displayName)).toEqual(["Bob"]);
    expect((await api.visitor().previewInvite(code)).memberCount).toBe(2);
  });

  it("changes nothing when it is accepted again, or by its maker", async () => {
    const { code } = await alice.createInvite(conversationId);
    const joined = await bob.acceptInvite(code);
    expect(await bob.acceptInvite(code)).toEqual(joined);
    expect(await alice.acceptInvite(code)).toEqual({ ...joined, role: "owner" });
  });

  it("works for many people, and again for who left", async () => {
    const { code } = await alice.createInvite(conversationId);
    const eve = await api.signUp("Eve");
    await Promise.all([bob.acceptInvite(code), eve.acceptInvite(code)]);
    await bob.leave(conversationId);
    expect((await bob.acceptInvite(code)).members).toHaveLength(3);
  });

  it.each([
    ["1h", minutes(60)],
    ["1d", days(1)],
    ["7d", days(7)],
    ["30d", days(30)],
  ] as const)("is good for %s when its maker says so", async (expiresIn, lifetime) => {
    const { code } = await alice.createInvite(conversationId, { expiresIn });
    api.clock.now += lifetime - 1;
    expect((await api.visitor().previewInvite(code)).title).toBe("Weekend");
    api.clock.now += 1;
    expect(await outcomes(code)).toEqual(notFound);
  });

  it("is good for a week when nothing is said, not even with a body", async () => {
    const response = await api.request(`POST /conversations/${conversationId}/invites`, { as: alice });
    const { code, expiresAt } = await answerOf(response, invite);
    expect(expiresAt).toBe(new Date(api.clock.now + days(7)).toISOString());
    expect(await refusal(bob.acceptInvite(code))).toBe("accepted");
  });

  it("lets in as many people as its maker says, who may follow it again", async () => {
    const { code } = await alice.createInvite(conversationId, { maxUses: 1 });
    await alice.acceptInvite(code);
    await bob.acceptInvite(code);
    expect(await outcomes(code)).toEqual(notFound);
    expect((await bob.acceptInvite(code)).members).toHaveLength(2);
  });

  it.each([{ expiresIn: "2d" }, { maxUses: 0 }, { maxUses: 257 }, { maxUses: 1.5 }])(
    "is not made with %j",
    async (body) => {
      const response = await api.request(`POST /conversations/${conversationId}/invites`, { as: alice, body });
      expect((await problemOf(response)).code).toBe("invalid_request");
    },
  );

  it("ends when its maker leaves the conversation", async () => {
    const carol = await api.signUp("Carol");
    await alice.addMember(conversationId, { username: carol.user.username });
    const { code } = await carol.createInvite(conversationId);
    await carol.leave(conversationId);
    expect(await outcomes(code)).toEqual(notFound);
    expect((await alice.getConversation(conversationId)).members).toHaveLength(1);
  });

  it("cannot be guessed: each is new, and an unknown code leads nowhere", async () => {
    const codes = [await alice.createInvite(conversationId), await alice.createInvite(conversationId)];
    expect(new Set(codes.map(({ code }) => code)).size).toBe(2);
    for (const { code } of codes) expect(code).toMatch(/^[0-9a-f]{32}$/);
    expect(await outcomes("0".repeat(32))).toEqual(notFound);
    expect(await outcomes("../../users/me")).toEqual(notFound);
  });
});

describe("looking after invites", () => {
  it("is everybody's for their own, and an owner's and admin's for all", async () => {
    const { id, owner, admin, member, guest } = await cast(api);
    const { code: hers } = await owner.createInvite(id, { maxUses: 3 });
    const { code: his } = await member.createInvite(id);
    await bob.acceptInvite(hers);
    const codesFor = async (person: TestPerson) =>
      (await person.listInvites(id)).invites.map(({ code }) => code).sort();
    expect(await codesFor(admin)).toEqual([hers, his].sort());
    expect(await codesFor(member)).toEqual([his]);
    expect(await refusal(guest.listInvites(id))).toBe("not_permitted");
    expect(await refusal(member.revokeInvite(id, hers))).toBe("not_permitted");
    expect((await owner.listInvites(id)).invites.find(({ code }) => code === hers)).toMatchObject({
      uses: 1,
      maxUses: 3,
    });
    await admin.revokeInvite(id, hers);
    await member.revokeInvite(id, his);
    expect(await codesFor(owner)).toEqual([]);
    expect([await outcomes(hers), await outcomes(his)]).toEqual([notFound, notFound]);
  });

  it("is not for invites of other conversations, nor for those that are revoked", async () => {
    const { code } = await alice.createInvite(conversationId);
    const elsewhere = await conversationOf(bob);
    expect(await refusal(bob.revokeInvite(elsewhere, code))).toBe("invite_not_found");
    await alice.revokeInvite(conversationId, code);
    expect(await refusal(alice.revokeInvite(conversationId, code))).toBe("invite_not_found");
  });
});
