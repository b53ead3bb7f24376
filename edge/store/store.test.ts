import { beforeAll, describe, expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import { openStore, type Store } from "./index.ts";
import { createAccount, createConversation, freshUsername, testDatabases } from "./testing.ts";

const minutes = (count: number) => count * 60_000;
const later = (date: Date, ms: number) => new Date(date.getTime() + ms);

describe.each(testDatabases)("the store on $engine", ({ settings }) => {
  let store: Store;
  beforeAll(() => {
    store = openStore(settings);
  });

  describe("users", () => {
    it("finds an account by its username whatever the case, and a username is taken once", async () => {
      const alice = await createAccount(store, "Alice");
      expect(await store.users.findAccount(alice.username.toUpperCase())).toEqual(alice);
      const impostor = { ...alice, id: uuidv7(), username: alice.username.toLowerCase() };
      expect(await store.users.create(impostor)).toBe(false);
      expect(await store.users.find(impostor.id)).toBeUndefined();
      expect((await store.users.findByUsernames([alice.username.toUpperCase(), "nobody"])).map(({ id }) => id)).toEqual(
        [alice.id],
      );
    });

    it("changes only what the profile names", async () => {
      const user = await createAccount(store, "Bo");
      await store.users.update(user.id, { displayName: "ليلى" });
      await store.users.update(user.id, { readingLanguage: "ar" });
      expect(await store.users.find(user.id)).toMatchObject({ displayName: "ليلى", readingLanguage: "ar" });
      expect(await store.users.update(uuidv7(), { displayName: "Nobody" })).toBeUndefined();
    });

    it("searches by prefix in order, page by page, and takes wildcards literally", async () => {
      const tag = freshUsername("s").replaceAll("-", "");
      const names = [`${tag}_a`, `${tag}_B`, `${tag}xc`];
      for (const username of names) {
        await store.users.create({ ...(await createAccount(store, "x")), id: uuidv7(), username });
      }
      const search = async (prefix: string, after?: string, limit = 10) =>
        (await store.users.search(prefix, after, limit)).map((user) => user.username);
      expect(await search(tag.toUpperCase())).toEqual(names);
      expect(await search(`${tag}_`)).toEqual(names.slice(0, 2));
      expect(await search(tag, undefined, 1)).toEqual(names.slice(0, 1));
      expect(await search(tag, names[0], 10)).toEqual(names.slice(1));
      expect(await search(`${tag}%`)).toEqual([]);
    });
  });

  describe("guests", () => {
    it("have no password, and nobody finds them by name", async () => {
      const username = freshUsername("guest");
      const guest = {
        ...(await createAccount(store, "x")),
        id: uuidv7(),
        username,
        isGuest: true,
        passwordHash: undefined,
      };
      expect(await store.users.create(guest)).toBe(true);
      expect(await store.users.findAccount(username)).toEqual(guest);
      expect((await store.users.find(guest.id))?.isGuest).toBe(true);
      expect([await store.users.findByUsernames([username]), await store.users.search(username, undefined, 9)]).toEqual(
        [[], []],
      );
      await expect(
        store.users.create({ ...guest, id: uuidv7(), username: freshUsername("x"), isGuest: false }),
      ).rejects.toThrow(/password/);
    });

    it("are forgotten when they came into no conversation, and kept when they did", async () => {
      const newGuest = async () => {
        const guest = { ...(await createAccount(store, "x")), id: uuidv7(), isGuest: true, passwordHash: undefined };
        await store.users.create({ ...guest, username: freshUsername("guest") });
        return guest.id;
      };
      const [lost, member] = [await newGuest(), await newGuest()];
      const owner = await createAccount(store, "owner");
      const conversationId = await createConversation(store, [owner]);
      const now = new Date();
      await store.conversations.addMember({ conversationId, userId: member, role: "guest", now, maxMembers: 9 });
      for (const id of [lost, member, owner.id]) await store.users.removeGuest(id);
      const left = await Promise.all([lost, member, owner.id].map((id) => store.users.find(id)));
      expect(left.map((user) => user?.id)).toEqual([undefined, member, owner.id]);
    });
  });

  describe("refresh tokens", () => {
    const now = new Date("2026-11-24T12:00:00Z");
    const issue = async (expiresAt = later(now, minutes(60))) => {
      const { id } = await createAccount(store, "r");
      const tokenHash = uuidv7();
      await store.refreshTokens.issue({ tokenHash, family: uuidv7(), userId: id, now, expiresAt });
      return { tokenHash, userId: id };
    };
    const rotate = (presentedHash: string, nextHash: string, at: Date) =>
      store.refreshTokens.rotate({
        presentedHash,
        nextHash,
        now: at,
        expiresAt: later(at, minutes(60)),
        graceMs: 30_000,
      });

    it("rotate: the next token works, and so does the old one within the grace", async () => {
      const { tokenHash, userId } = await issue();
      const [first, second, third] = [uuidv7(), uuidv7(), uuidv7()];
      expect(await rotate(tokenHash, first, now)).toEqual({ outcome: "rotated", userId });
      expect(await rotate(tokenHash, second, later(now, 29_000))).toEqual({ outcome: "rotated", userId });
      expect(await rotate(first, third, later(now, 29_000))).toEqual({ outcome: "rotated", userId });
    });

    it("end the whole family when an old one comes back after the grace", async () => {
      const { tokenHash } = await issue();
      const next = uuidv7();
      await rotate(tokenHash, next, now);
      expect(await rotate(tokenHash, uuidv7(), later(now, 31_000))).toEqual({ outcome: "reused" });
      expect(await rotate(next, uuidv7(), later(now, 31_000))).toEqual({ outcome: "revoked" });
    });

    it("end with a revocation, by expiry, and are unknown when never issued", async () => {
      const revoked = await issue();
      const next = uuidv7();
      await rotate(revoked.tokenHash, next, now);
      await store.refreshTokens.revoke(next, now);
      expect(await rotate(revoked.tokenHash, uuidv7(), now)).toEqual({ outcome: "revoked" });
      const expired = await issue(later(now, 1000));
      expect(await rotate(expired.tokenHash, uuidv7(), later(now, 1000))).toEqual({ outcome: "expired" });
      expect(await rotate(uuidv7(), uuidv7(), now)).toEqual({ outcome: "unknown" });
    });

    it("rotate for both of two tabs that refresh at the same moment", async () => {
      const { tokenHash, userId } = await issue();
      const outcomes = await Promise.all([uuidv7(), uuidv7()].map((next) => rotate(tokenHash, next, now)));
      expect(outcomes).toEqual([
        { outcome: "rotated", userId },
        { outcome: "rotated", userId },
      ]);
    });
  });
});
