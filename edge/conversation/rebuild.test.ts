import { expect, it } from "vitest";
import { ana, ben, seenBy, TestRoom, type TestSocket } from "./testing/room.ts";

const newest = (socket: TestSocket) => socket.all("sync").at(-1)?.value.messages ?? [];

/** A room with messages, all of them written, a translation and a reaction on the last. */
async function talk(count: number, keptMessages = 10) {
  const room = new TestRoom({ keptMessages });
  room.record.people = [ana, ben];
  const [a, b] = [room.connect(ana), room.connect(ben)];
  for (let n = 1; n <= count; n++) {
    room.now += 1_000;
    room.say(a, `message ${n}`, `c${n}`);
  }
  const messageId = a.all("messageReceive").at(-1)?.value.id ?? "";
  room.emit(b, [{ event: { case: "messageReaction", value: { clientMessageId: "x", messageId, emoji: "👍" } } }]);
  await room.settle();
  await room.wait(10_000);
  return { room, a, b };
}

it("a room whose storage was lost comes back with its newest messages, under a new epoch and later offsets", async () => {
  const { room, b } = await talk(25);
  const seen = seenBy(b);
  const written = room.record.messages;
  expect(await room.loseStorage()).toBeDefined();
  const back = room.connect(ben, { seen });
  const connection = back.all("connection")[0]?.value;
  expect(connection).toMatchObject({ recovered: false, title: "A title", conversationId: "conversation-1" });
  expect(connection?.epoch).not.toBe(seen.epoch);
  expect(connection?.members.map(({ userId, readOffset }) => [userId, readOffset])).toEqual([
    ["ana", 0],
    ["ben", 0],
  ]);
  expect(newest(back).map(({ text }) => text)).toEqual(Array.from({ length: 10 }, (_, n) => `message ${n + 16}`));
  expect(newest(back).at(-1)).toMatchObject({
    translations: [{ language: "fr", text: "fr: message 25" }],
    reactions: [{ emoji: "👍", userIds: ["ben"] }],
  });
  room.say(back, "Bonjour", "new");
  expect(back.all("ack")[0]?.value.offset).toBeGreaterThan(seen.offset);
  await room.settle();
  await room.wait(10_000);
  expect(room.record.messages.map(({ text }) => text)).toEqual([...written.map(({ text }) => text), "Bonjour"]);
});

it("knows who has read how far, and what mentions them of the rest", async () => {
  const { room, a, b } = await talk(3);
  const offsets = a.all("messageReceive").map(({ offset }) => offset);
  room.emit(b, [{ event: { case: "messageRead", value: { offset: offsets[1] ?? 0 } } }]);
  room.say(a, "And you, @ben?");
  await room.settle();
  await room.wait(20_000);
  await room.loseStorage();
  const back = room.connect(ben);
  expect(back.all("connection")[0]?.value.members).toMatchObject([
    { userId: "ana", readOffset: 0 },
    { userId: "ben", readOffset: offsets[1] },
  ]);
  room.told.splice(0);
  room.say(room.connect(ana), "Hello?");
  await room.settle();
  await room.wait(1_000);
  const last = room.told.findLast(({ userId }) => userId === "ben")?.update;
  expect(last).toMatchObject({ unread: 3, mentions: 1 });
});

it("knows it of a room that loses its memory every few seconds, too", async () => {
  const { room, b } = await talk(3);
  room.emit(b, [{ event: { case: "messageRead", value: { offset: 2 } } }]);
  for (let time = 0; time < 3; time++) {
    await room.wait(9_000);
    room.evict();
  }
  await room.loseStorage();
  const connection = room.connect(ben).all("connection")[0]?.value;
  expect(connection?.members.find(({ userId }) => userId === "ben")?.readOffset).toBe(2);
});

it("tells nobody of unread messages of whom it was never written how far they have read", async () => {
  const { room } = await talk(3);
  room.record.reads = async () => [{ userId: "ana", offset: 1 }];
  await room.loseStorage();
  const connection = room.connect(ben).all("connection")[0]?.value;
  expect(connection?.members.map(({ readOffset }) => readOffset)).toEqual([1, connection?.offset]);
});

it("recognises every send that is in the record, and pages on behind what came back", async () => {
  const { room } = await talk(25);
  await room.loseStorage();
  const a = room.connect(ana);
  room.say(a, "message 2", "c2");
  room.say(a, "message 24", "c24");
  expect(a.all("ack").map(({ value }) => value.duplicate)).toEqual([true, true]);
  room.emit(a, [{ event: { case: "sync", value: { before: newest(a)[0]?.offset ?? 0, limit: 100 } } }]);
  await room.settle();
  expect(newest(a).map(({ text }) => text)).toEqual(Array.from({ length: 15 }, (_, n) => `message ${n + 1}`));
  expect(a.all("sync").at(-1)?.value.hasMore).toBe(false);
});

it("brings the pinned messages back, old ones too, and they can be unpinned", async () => {
  const { room, a } = await talk(5);
  const [old] = a.all("messageReceive").map(({ value }) => value.id);
  const pin = (socket: TestSocket, clientMessageId: string, remove: boolean) =>
    room.emit(socket, [{ event: { case: "messagePin", value: { clientMessageId, messageId: old ?? "", remove } } }]);
  pin(a, "p1", false);
  for (let n = 6; n <= 25; n++) room.say(a, `message ${n}`, `c${n}`);
  await room.settle();
  await room.wait(10_000);
  await room.loseStorage();
  const back = room.connect(ana);
  const sync = back.all("sync")[0]?.value;
  expect(sync?.messages).toHaveLength(10);
  expect(sync?.pinned).toMatchObject([{ id: old, text: "message 1", pinnedBy: "ana", pinnedAt: expect.anything() }]);
  pin(back, "p2", true);
  await room.wait(10_000);
  await room.loseStorage();
  expect(room.connect(ana).all("sync")[0]?.value.pinned).toEqual([]);
});

it("comes back whole when it was short, and twice", async () => {
  const { room } = await talk(3);
  for (let time = 0; time < 2; time++) {
    await room.loseStorage();
    const sync = room.connect(ana).all("sync")[0]?.value;
    expect(sync).toMatchObject({ hasMore: false });
    expect(sync?.messages).toHaveLength(3);
  }
});

it("is not opened while the record is away, rather than beginning an empty log, and is with the next call", async () => {
  const { room } = await talk(3);
  room.sinkIsDown = true;
  expect(await room.loseStorage()).toBeUndefined();
  room.sinkIsDown = false;
  expect((await room.reopen())?.position.offset).toBeGreaterThan(3);
});

it("asks the record one thing when the conversation is new", async () => {
  const room = new TestRoom();
  await room.loseStorage();
  expect(room.reads).toEqual(["takeOver"]);
  room.say(room.connect(ana), "Hello");
  expect(room.conversation.position.offset).toBe(1);
});
