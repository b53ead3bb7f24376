import { beforeAll, describe, expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import { openStore, type Store } from "./index.ts";
import { createAccount, createConversation, testDatabases } from "./testing.ts";

const later = (date: Date, ms: number) => new Date(date.getTime() + ms);

describe.each(testDatabases)("conversations on $engine", ({ settings }) => {
  let store: Store;
  beforeAll(() => {
    store = openStore(settings);
  });

  it("are seen by their members only, with everybody's language and role", async () => {
    const [alice, benoit, eve] = await Promise.all([
      createAccount(store, "alice"),
      createAccount(store, "benoit", "fr"),
      createAccount(store, "eve"),
    ]);
    const id = await createConversation(store, [alice, benoit]);
    const seen = await store.conversations.find(id, benoit.id);
    expect(seen).toMatchObject({ id, title: "Weekend", role: "member" });
    expect(seen?.lastMessage).toBeUndefined();
    expect(seen?.members.map((member) => [member.userId, member.role, member.readingLanguage]).sort()).toEqual(
      [
        [alice.id, "owner", "en"],
        [benoit.id, "member", "fr"],
      ].sort(),
    );
    expect(await store.conversations.find(id, eve.id)).toBeUndefined();
    expect(await store.conversations.membership(id, eve.id)).toBeUndefined();
    expect(await store.conversations.membership(id, benoit.id)).toMatchObject({
      conversationId: id,
      title: "Weekend",
      userId: benoit.id,
      role: "member",
    });
  });

  it("change in what is named, and are translated until that is turned off", async () => {
    const alice = await createAccount(store, "alice");
    const id = await createConversation(store, [alice]);
    const standing = async () => {
      const found = await store.conversations.find(id, alice.id);
      return [found?.title, found?.translates];
    };
    expect(await standing()).toEqual(["Weekend", true]);
    await store.conversations.change(id, { translates: false });
    expect(await standing()).toEqual(["Weekend", false]);
    await store.conversations.change(id, { title: "Monday" });
    expect(await standing()).toEqual(["Monday", false]);
    await store.conversations.change(id, {});
    expect(await store.conversations.membership(id, alice.id)).toMatchObject({ title: "Monday", translates: false });
    expect(await store.messages.takeOver(id, "one")).toEqual({ offset: 0, title: "Monday", translates: false });
  });

  it("say who shares one with somebody, each once, and nobody who left", async () => {
    const [alice, benoit, eve, zoe] = await Promise.all(
      ["alice", "benoit", "eve", "zoe"].map((name) => createAccount(store, name)),
    );
    if (!alice || !benoit || !eve || !zoe) throw new Error("There are four.");
    await createConversation(store, [alice, benoit, eve]);
    const second = await createConversation(store, [benoit, alice, zoe]);
    expect((await store.conversations.contacts(alice.id, 10)).toSorted()).toEqual(
      [benoit.id, eve.id, zoe.id].toSorted(),
    );
    await store.conversations.removeMember(second, zoe.id, new Date());
    expect(await store.conversations.contacts(zoe.id, 10)).toEqual([]);
    expect(await store.conversations.contacts(alice.id, 10)).not.toContain(zoe.id);
    expect(await store.conversations.contacts(alice.id, 1)).toHaveLength(1);
  });

  it("are listed by their latest activity, page by page", async () => {
    const alice = await createAccount(store, "alice");
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) ids.unshift(await createConversation(store, [alice]));
    const [oldest = ""] = ids.slice(-1);
    await store.messages.append({
      conversationId: oldest,
      epoch: "e",
      writes: [
        {
          kind: "message",
          offset: 1,
          messageId: uuidv7(),
          authorId: alice.id,
          clientMessageId: "c",
          text: "Hello",
          language: "en",
          replyTo: "",
          createdAt: Date.now() + 1000,
        },
      ],
    });
    const seen: string[] = [];
    let cursor: { activeAt: Date; id: string } | undefined;
    do {
      const page = await store.conversations.list(alice.id, cursor, 2);
      seen.push(...page.map((conversation) => conversation.id));
      cursor = page.at(-1);
    } while (cursor !== undefined);
    expect(seen).toEqual([oldest, ...ids.slice(0, -1)]);
    const [first] = await store.conversations.list(alice.id, undefined, 1);
    expect(first?.lastMessage).toMatchObject({ text: "Hello", authorId: alice.id });
  });

  it("let members join once, up to the bound, leave and come back", async () => {
    const [alice, benoit, chloe] = await Promise.all(
      ["alice", "benoit", "chloe"].map((name) => createAccount(store, name)),
    );
    if (alice === undefined || benoit === undefined || chloe === undefined) throw new Error("unreachable");
    const id = await createConversation(store, [alice]);
    const now = new Date();
    const join = (userId: string) =>
      store.conversations.addMember({ conversationId: id, userId, role: "member", now, maxMembers: 2 });
    expect(await join(benoit.id)).toBe("joined");
    expect(await join(benoit.id)).toBe("joined");
    expect(await join(chloe.id)).toBe("full");
    expect(await store.conversations.removeMember(id, benoit.id, now)).toBe(true);
    expect(await store.conversations.removeMember(id, benoit.id, now)).toBe(false);
    expect(await store.conversations.find(id, benoit.id)).toBeUndefined();
    expect(await join(chloe.id)).toBe("joined");
    expect(await join(alice.id)).toBe("joined");
    expect((await store.conversations.membership(id, alice.id))?.role).toBe("owner");
  });

  it("count as read, for who joins or comes back, what was written before", async () => {
    const [alice, benoit] = await Promise.all(["alice", "benoit"].map((name) => createAccount(store, name)));
    if (alice === undefined || benoit === undefined) throw new Error("unreachable");
    const conversationId = await createConversation(store, [alice]);
    const now = new Date();
    const message = (offset: number) => ({
      kind: "message" as const,
      offset,
      messageId: uuidv7(),
      authorId: alice.id,
      clientMessageId: `c${offset}`,
      text: "Hello",
      language: "en",
      replyTo: "",
      createdAt: now.getTime(),
    });
    const readOffset = async () =>
      (await store.messages.reads(conversationId)).find(({ userId }) => userId === benoit.id)?.offset;
    const join = () =>
      store.conversations.addMember({ conversationId, userId: benoit.id, role: "member", now, maxMembers: 9 });
    await store.messages.append({ conversationId, epoch: "one", writes: [message(1), message(2)] });
    await join();
    expect(await readOffset()).toBe(2);
    await store.conversations.removeMember(conversationId, benoit.id, now);
    await store.messages.append({ conversationId, epoch: "one", writes: [message(3)] });
    expect(await readOffset()).toBeUndefined();
    await join();
    expect(await readOffset()).toBe(3);
  });

  it("pass to an admin, else to who joined first, when the owner leaves", async () => {
    const [alice, benoit, chloe] = await Promise.all(
      ["alice", "benoit", "chloe"].map((name) => createAccount(store, name)),
    );
    if (alice === undefined || benoit === undefined || chloe === undefined) throw new Error("unreachable");
    const id = await createConversation(store, [alice]);
    const now = new Date();
    const join = { conversationId: id, maxMembers: 9, now };
    await store.conversations.addMember({ ...join, userId: benoit.id, role: "member" });
    await store.conversations.addMember({ ...join, userId: chloe.id, role: "admin", now: later(now, 1) });
    await store.conversations.removeMember(id, alice.id, later(now, 2));
    expect((await store.conversations.membership(id, chloe.id))?.role).toBe("owner");
    await store.conversations.removeMember(id, chloe.id, later(now, 3));
    expect((await store.conversations.membership(id, benoit.id))?.role).toBe("owner");
  });
});
