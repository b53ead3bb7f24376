import { beforeEach, describe, expect, it } from "vitest";
import { openStore, type Store } from "./index.ts";
import { createAccount, createConversation, testDatabases } from "./testing.ts";
import type { Account } from "./users.ts";

describe.each(testDatabases)("bans on $engine", ({ settings }) => {
  const now = new Date("2026-11-24T12:00:00Z");
  let store: Store;
  let owner: Account;
  let member: Account;
  let id: string;
  beforeEach(async () => {
    store = openStore(settings);
    owner = await createAccount(store, "alice");
    member = await createAccount(store, "ben");
    id = await createConversation(store, [owner, member]);
  });
  const ban = (reason = "") =>
    store.bans.add({ conversationId: id, userId: member.id, bannedBy: owner.id, reason, now });
  const join = () =>
    store.conversations.addMember({ conversationId: id, userId: member.id, role: "member", now, maxMembers: 9 });

  it("remove somebody and keep them out until they are lifted", async () => {
    await ban("spam");
    expect(await store.conversations.membership(id, member.id)).toBeUndefined();
    expect(await join()).toBe("banned");
    expect(await store.conversations.membership(id, member.id)).toBeUndefined();
    expect(await store.bans.lift(id, member.id)).toBe(true);
    expect(await store.bans.lift(id, member.id)).toBe(false);
    expect(await join()).toBe("joined");
  });

  it("are told with who made them and why; a second one changes nothing", async () => {
    await ban("spam");
    await ban("something else");
    const { id: userId, username } = member;
    const expected = { userId, username, displayName: "ben", bannedBy: owner.id, reason: "spam", createdAt: now };
    expect(await store.bans.list(id)).toEqual([expected]);
    expect(await store.bans.find(id, userId)).toEqual(expected);
    expect(await store.bans.find(id, owner.id)).toBeUndefined();
  });

  it("are passed by nobody who joins while they are made", async () => {
    await store.conversations.removeMember(id, member.id, now);
    await Promise.all([ban(), join(), join()]);
    expect(await store.conversations.membership(id, member.id)).toBeUndefined();
  });
});
