import { expect, it } from "vitest";
import { ana, ben, eva, TestRoom } from "./testing/room.ts";

/** A room of Ana, Ben and Eva in which Ana is there, and how to read what somebody's inbox was told last. */
async function newRoom() {
  const room = new TestRoom();
  room.conversation.membersChanged("conversation-1", "Trip", [ana, ben, eva]);
  const a = room.connect(ana);
  await room.wait(1_000);
  room.told.splice(0);
  const last = (userId: string) => room.told.findLast((one) => one.userId === userId)?.update;
  return { room, a, last };
}

it("tells every member how the conversation stands, each in their own language", async () => {
  const { room, a, last } = await newRoom();
  room.connect(ben);
  room.say(a, "Hello");
  await room.settle();
  await room.wait(1_000);
  expect(last("ana")).toMatchObject({ title: "Trip", unread: 0, lastMessage: { text: "Hello", authorName: "Ana" } });
  expect(last("ben")).toMatchObject({ unread: 1, lastMessage: { text: "fr: Hello", language: "fr" } });
  // Nobody who reads German is there, so that nothing was translated into it.
  expect(last("eva")).toMatchObject({ unread: 1, lastMessage: { text: "Hello" } });
});

it("says once what happens within a moment", async () => {
  const { room, a } = await newRoom();
  for (const text of ["one", "two", "three"]) room.say(a, text);
  await room.wait(1_000);
  expect(room.told.map(({ userId, update }) => [userId, update.lastMessage?.text])).toEqual([
    ["ana", "three"],
    ["ben", "three"],
    ["eva", "three"],
  ]);
});

it("counts what others wrote and was not read, and tells the reader alone when they read", async () => {
  const { room, a, last } = await newRoom();
  const b = room.connect(ben);
  for (const text of ["one", "two"]) room.say(a, text);
  room.say(b, "trois");
  // The translations that Ben's presence asks for are news as well.
  await room.settle();
  await room.wait(1_000);
  await room.wait(1_000);
  expect([last("ana")?.unread, last("ben")?.unread, last("eva")?.unread]).toEqual([1, 2, 3]);
  room.told.splice(0);
  room.emit(b, [{ event: { case: "messageRead", value: { offset: 1 } } }]);
  await room.wait(1_000);
  expect(room.told.map(({ userId, update }) => [userId, update.unread])).toEqual([["ben", 1]]);
});

it("tries again whom it could not reach, even after the room lost its memory", async () => {
  const { room, a, last } = await newRoom();
  room.unreachable.add("ben");
  room.say(a, "Hello");
  await room.wait(1_000);
  expect(last("ben")).toBeUndefined();
  room.evict();
  room.unreachable.clear();
  await room.wait(0);
  room.conversation.name("conversation-1");
  room.say(room.connect(ana), "again");
  await room.wait(10_000);
  expect(last("ben")).toMatchObject({ unread: 2 });
});

it("tells whoever was removed that it is over, and whoever joins that there is nothing unread", async () => {
  const { room, a, last } = await newRoom();
  room.say(a, "Hello");
  await room.wait(1_000);
  room.conversation.membersChanged("conversation-1", "Trip", [ana, eva, { ...ben, userId: "dan" }]);
  await room.wait(1_000);
  expect(last("ben")).toMatchObject({ removed: true, conversationId: "conversation-1" });
  expect(last("dan")).toMatchObject({ removed: false, unread: 0 });
});

it("counts the unread messages that mention somebody, as they stand, and not their own", async () => {
  const { room, a, last } = await newRoom();
  const b = room.connect(ben);
  for (const text of ["hello @ben", "@Eva and @BEN!", "nobody@ben.example"]) room.say(a, text);
  room.say(b, "@ben is me, @eva is not");
  await room.wait(1_000);
  const mentions = () => ["ana", "ben", "eva"].map((userId) => last(userId)?.mentions);
  expect(mentions()).toEqual([0, 2, 2]);
  const [first, second] = a.all("messageReceive").map(({ value }) => value.id);
  room.emit(a, [
    { event: { case: "messageEdit", value: { clientMessageId: "e", messageId: first ?? "", text: "hello @eva" } } },
    { event: { case: "messageDelete", value: { clientMessageId: "d", messageId: second ?? "" } } },
  ]);
  await room.wait(1_000);
  expect(mentions()).toEqual([0, 0, 2]);
  room.emit(room.connect(eva), [{ event: { case: "messageRead", value: { offset: 4 } } }]);
  await room.wait(1_000);
  expect(mentions()).toEqual([0, 0, 0]);
});

it("knows of mentions after the room lost its memory, and counts none of before somebody joined", async () => {
  const { room, a, last } = await newRoom();
  room.say(a, "@dan and @eva, are you coming?");
  room.evict();
  room.conversation.membersChanged("conversation-1", "Trip", [ana, eva, { ...ben, userId: "dan", username: "dan" }]);
  await room.wait(1_000);
  expect([last("dan")?.mentions, last("eva")?.mentions]).toEqual([0, 1]);
});
