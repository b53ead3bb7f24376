import { beforeEach, describe, expect, it } from "vitest";
import { closeCodes } from "../conversation/close-codes.ts";
import { uuidv7 } from "../ids.ts";
import { cast, newApi, refusal, type TestApi } from "./testing.ts";

let api: TestApi;
beforeEach(() => {
  api = newApi();
});

describe.each([
  { who: "owner", bans: ["admin", "member", "guest"], looksAfter: true },
  { who: "admin", bans: ["member", "guest"], looksAfter: true },
  { who: "member", bans: [], looksAfter: false },
  { who: "guest", bans: [], looksAfter: false },
] as const)("the $who", ({ who, bans, looksAfter }) => {
  it(`bans ${bans.join(", ") || "nobody"}`, async () => {
    const { id, ...people } = await cast(api);
    for (const role of ["owner", "admin", "member", "guest"] as const) {
      const banned = bans.some((allowed) => allowed === role);
      const attempt = people[who].ban(id, { userId: people[role].user.id });
      expect(await refusal(attempt)).toBe(banned ? "accepted" : "not_permitted");
      expect(await refusal(people[role].getConversation(id))).toBe(banned ? "conversation_not_found" : "accepted");
    }
  });

  it(`${looksAfter ? "sees and lifts" : "neither sees nor lifts"} bans`, async () => {
    const { id, ...people } = await cast(api);
    const stranger = await api.signUp("stranger");
    await people.owner.addMember(id, { username: stranger.user.username });
    await people.owner.ban(id, { userId: stranger.user.id });
    const outcome = looksAfter ? "accepted" : "not_permitted";
    expect(await refusal(people[who].listBans(id))).toBe(outcome);
    expect(await refusal(people[who].unban(id, stranger.user.id))).toBe(outcome);
  });
});

describe("somebody who was banned", () => {
  it("is removed, and their sockets close for good", async () => {
    const { id, owner, member, guest } = await cast(api);
    const [theirs, others] = [await member.connect(id), await guest.connect(id)];
    await owner.ban(id, { userId: member.user.id });
    expect(theirs.closed).toBe(closeCodes.removed.code);
    expect(others.closed).toBeUndefined();
    expect(others.all("memberChange").at(-1)?.value).toMatchObject({
      member: { userId: member.user.id },
      removed: true,
    });
  });

  it("neither joins by invite nor is added, until the ban is lifted", async () => {
    const { id, owner, member } = await cast(api);
    const { code } = await owner.createInvite(id);
    await owner.ban(id, { userId: member.user.id });
    expect(await refusal(member.acceptInvite(code))).toBe("banned");
    expect(await refusal(owner.addMember(id, { username: member.user.username }))).toBe("banned");
    expect((await owner.getConversation(id)).members).toHaveLength(3);
    await owner.unban(id, member.user.id);
    expect((await member.acceptInvite(code)).role).toBe("member");
    expect((await owner.listBans(id)).bans).toEqual([]);
  });

  it("is listed with the reason, and banned once", async () => {
    const { id, owner, admin, member } = await cast(api);
    const ban = await admin.ban(id, { userId: member.user.id, reason: "Advertising" });
    api.clock.now += 1000;
    expect(await owner.ban(id, { userId: member.user.id, reason: "Something else" })).toEqual(ban);
    expect(ban).toMatchObject({ displayName: "member", bannedBy: admin.user.id, reason: "Advertising" });
    expect((await owner.listBans(id)).bans).toEqual([ban]);
  });

  it("loses their sockets at the second attempt when the room could not be reached at the first", async () => {
    const { id, owner, member } = await cast(api);
    const socket = await member.connect(id);
    api.outage.error = new Error("The room does not answer.");
    expect(await refusal(owner.ban(id, { userId: member.user.id }))).toBe("internal_error");
    api.outage.error = undefined;
    expect(socket.closed).toBeUndefined();
    await owner.ban(id, { userId: member.user.id });
    expect(socket.closed).toBe(closeCodes.removed.code);
  });
});

it("who is not there cannot be banned, and who is not banned not unbanned", async () => {
  const { id, owner, member } = await cast(api);
  const stranger = await api.signUp("stranger");
  for (const userId of [stranger.user.id, uuidv7()]) {
    expect(await refusal(owner.ban(id, { userId }))).toBe("member_not_found");
  }
  expect(await refusal(owner.unban(id, member.user.id))).toBe("ban_not_found");
});
