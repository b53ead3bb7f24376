import { beforeEach, describe, expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import { openStore, type Store } from "./index.ts";
import { createAccount, createConversation, testDatabases } from "./testing.ts";
import type { Account } from "./users.ts";

describe.each(testDatabases)("invites on $engine", ({ settings }) => {
  const now = new Date("2026-11-24T12:00:00Z");
  const inAMinute = new Date(now.getTime() + 60_000);
  let store: Store;
  let alice: Account;
  let ben: Account;
  let id: string;
  beforeEach(async () => {
    store = openStore(settings);
    alice = await createAccount(store, "Alice");
    ben = await createAccount(store, "Ben");
    id = await createConversation(store, [alice, ben]);
  });
  const invite = async (createdBy = alice, maxUses?: number) => {
    const code = uuidv7();
    await store.invites.create({
      code,
      conversationId: id,
      createdBy: createdBy.id,
      now,
      expiresAt: inAMinute,
      maxUses,
    });
    return code;
  };
  const accept = (code: string, { id: userId }: Account, at = now) =>
    store.conversations.addMember({ conversationId: id, userId, role: "member", now: at, maxMembers: 9, invite: code });
  const strangers = () => Promise.all(["chloe", "dan", "eva"].map((name) => createAccount(store, name)));

  it("lead to the conversation until they expire or their maker leaves", async () => {
    const code = await invite();
    const target = { conversationId: id, title: "Weekend", invitedBy: "Alice", memberCount: 2, isSpent: false };
    expect(await store.invites.find(code, now)).toEqual(target);
    expect(await store.invites.find(code, inAMinute)).toBeUndefined();
    expect(await store.invites.find("unknown", now)).toBeUndefined();
    await store.conversations.removeMember(id, alice.id, now);
    expect(await store.invites.find(code, now)).toBeUndefined();
  });

  it("let in as many people as they say, however many come at once, and those who are there as often as they like", async () => {
    const code = await invite(alice, 2);
    const outcomes = await Promise.all((await strangers()).map((one) => accept(code, one)));
    expect(outcomes.sort()).toEqual(["joined", "joined", "spent"]);
    expect(await store.conversations.members(id)).toHaveLength(4);
    expect(await accept(code, ben)).toBe("joined");
    expect(await store.invites.find(code, now)).toMatchObject({ isSpent: true });
    expect(await store.invites.list(id, now)).toEqual([]);
  });

  it("let nobody in once they are revoked or expired", async () => {
    const [code, other] = [await invite(), await invite()];
    const [chloe, dan] = await strangers();
    if (chloe === undefined || dan === undefined) throw new Error("unreachable");
    await store.invites.revoke(code, now);
    expect(await accept(code, chloe)).toBe("spent");
    expect(await accept(other, dan, inAMinute)).toBe("spent");
    expect(await store.invites.find(code, now)).toBeUndefined();
    expect(await store.invites.findIn(id, code)).toBeUndefined();
  });

  it("are listed with their uses while people can join by them", async () => {
    const [hers, his] = [await invite(alice, 5), await invite(ben)];
    const [chloe] = await strangers();
    if (chloe === undefined) throw new Error("unreachable");
    await accept(hers, chloe);
    const listed = { code: hers, createdBy: alice.id, createdAt: now, expiresAt: inAMinute, uses: 1, maxUses: 5 };
    expect(await store.invites.list(id, now, alice.id)).toEqual([listed]);
    expect((await store.invites.list(id, now)).map(({ code }) => code).sort()).toEqual([hers, his].sort());
    expect(await store.invites.list(id, inAMinute)).toEqual([]);
  });
});
