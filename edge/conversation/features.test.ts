import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { ana, ben, eva, seenBy, TestRoom, type TestSocket } from "./testing/room.ts";

const errors = (socket: TestSocket) => socket.all("error").map(({ value }) => value.code);

describe("reactions", () => {
  const react = (room: TestRoom, socket: TestSocket, messageId: string, emoji: string, remove = false) =>
    room.emit(socket, [
      { event: { case: "messageReaction", value: { clientMessageId: crypto.randomUUID(), messageId, emoji, remove } } },
    ]);
  const talk = () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.say(a, "Hello");
    return { room, a, b, messageId: a.all("ack")[0]?.value.messageId ?? "" };
  };

  it("reach everybody as events of the log, and a later page has them all", () => {
    const { room, a, b, messageId } = talk();
    react(room, b, messageId, "👍🏽");
    react(room, a, messageId, "👍🏽");
    react(room, a, messageId, "❤️");
    react(room, b, messageId, "👍🏽", true);
    expect(
      a.all("messageReaction").map(({ offset, value }) => [offset, value.userId, value.emoji, value.removed]),
    ).toEqual([
      [2, "ben", "👍🏽", false],
      [3, "ana", "👍🏽", false],
      [4, "ana", "❤️", false],
      [5, "ben", "👍🏽", true],
    ]);
    room.evict();
    const page = room.connect(eva).all("sync")[0]?.value.messages[0];
    expect(page?.reactions).toMatchObject([
      { emoji: "👍🏽", userIds: ["ana"] },
      { emoji: "❤️", userIds: ["ana"] },
    ]);
  });

  it("are counted once, however often they are asked for", () => {
    const { room, a, b, messageId } = talk();
    react(room, b, messageId, "👍");
    react(room, b, messageId, "👍");
    react(room, b, messageId, "🎉", true);
    expect(a.all("messageReaction")).toHaveLength(1);
    expect(b.all("ack").map(({ value }) => [value.offset, value.duplicate])).toEqual([
      [2, false],
      [2, true],
      [1, true],
    ]);
  });

  it("are one emoji each, on a message that stands", () => {
    const { room, a, messageId } = talk();
    for (const emoji of ["", "no", "👍👍", "👍 "]) react(room, a, messageId, emoji);
    react(room, a, "nothing", "👍");
    room.emit(a, [{ event: { case: "messageDelete", value: { clientMessageId: "d", messageId } } }]);
    react(room, a, messageId, "👍");
    expect(errors(a)).toEqual([...Array<string>(4).fill("reaction_invalid"), "message_not_found", "message_deleted"]);
  });

  it("go with the message when it is deleted", () => {
    const { room, a, b, messageId } = talk();
    react(room, b, messageId, "👍");
    room.emit(a, [{ event: { case: "messageDelete", value: { clientMessageId: "d", messageId } } }]);
    expect(room.connect(eva).all("sync")[0]?.value.messages[0]?.reactions).toEqual([]);
  });
});

describe("pins", () => {
  const pin = (room: TestRoom, socket: TestSocket, messageId: string, remove = false) =>
    room.emit(socket, [
      { event: { case: "messagePin", value: { clientMessageId: crypto.randomUUID(), messageId, remove } } },
    ]);
  const acknowledged = (socket: TestSocket) => socket.all("ack").map(({ value }) => value.messageId);
  const talk = () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.say(a, "Hello");
    return { room, a, b, messageId: acknowledged(a)[0] ?? "" };
  };
  const firstOf = (socket: TestSocket) => socket.all("sync")[0]?.value;

  it("reach everybody as events of the log, and a later page says whose they are", () => {
    const { room, a, b, messageId } = talk();
    pin(room, b, messageId);
    const event = { messageId, userId: "ben", removed: false, messageOffset: 1 };
    expect(a.all("messagePin")).toMatchObject([{ offset: 2, value: event }]);
    room.evict();
    const pinned = firstOf(room.connect(eva))?.messages[0];
    expect([pinned?.pinnedBy, pinned?.pinnedAt]).toEqual(["ben", a.all("messagePin")[0]?.value.at]);
    pin(room, a, messageId, true);
    expect(b.all("messagePin").at(-1)?.value).toMatchObject({ userId: "ana", removed: true });
    expect(firstOf(room.connect(eva))?.messages[0]?.pinnedBy).toBe("");
  });

  it("of messages older than the newest page come beside it, in the reader's language", async () => {
    const { room, a, b, messageId } = talk();
    pin(room, b, messageId);
    for (let count = 0; count < limits.defaultPageSize; count++) room.say(a, String(count));
    room.connect(eva);
    await room.settle();
    const sync = firstOf(room.connect(eva));
    expect(sync?.messages).toHaveLength(limits.defaultPageSize);
    expect(sync?.pinned).toMatchObject([
      { id: messageId, pinnedBy: "ben", translations: [{ language: "de", text: "de: Hello" }] },
    ]);
  });

  it("are counted once, and changed by what changes something", () => {
    const { room, a, b, messageId } = talk();
    pin(room, b, messageId, true);
    pin(room, b, messageId);
    pin(room, a, messageId);
    expect(b.all("messagePin")).toHaveLength(1);
    expect(b.all("ack").map(({ value }) => [value.offset, value.duplicate])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(a.all("ack").at(-1)?.value).toMatchObject({ offset: 2, duplicate: true });
  });

  it("go with the message when it is deleted", () => {
    const { room, a, b, messageId } = talk();
    pin(room, b, messageId);
    room.emit(a, [{ event: { case: "messageDelete", value: { clientMessageId: "d", messageId } } }]);
    expect(firstOf(room.connect(eva))?.messages[0]?.pinnedBy).toBe("");
    pin(room, b, messageId);
    expect(errors(b)).toEqual(["message_deleted"]);
  });

  it("are not for guests, nor on what is not there, nor more than 50", () => {
    const { room, a, b, messageId } = talk();
    const guest = room.connect({ ...eva, role: "guest" });
    pin(room, guest, messageId);
    pin(room, b, "nothing");
    for (let count = 0; count < limits.pinsPerConversation; count++) room.say(a, String(count));
    for (const id of acknowledged(a)) pin(room, b, id);
    expect([errors(guest), errors(b)]).toEqual([["not_permitted"], ["message_not_found", "too_many_pins"]]);
    expect(a.all("messagePin")).toHaveLength(limits.pinsPerConversation);
    pin(room, b, messageId, true);
    pin(room, b, acknowledged(a).at(-1) ?? "");
    expect(a.all("messagePin")).toHaveLength(limits.pinsPerConversation + 2);
  });
});

describe("membership and title", () => {
  it("are events of the log after the first roster: who was away hears of them", () => {
    const room = new TestRoom();
    room.conversation.membersChanged("conversation-1", "A title", [ana, ben]);
    const b = room.connect(ben);
    const seen = seenBy(b);
    room.leave(b);
    room.conversation.membersChanged("conversation-1", "Another title", [ana, ben, eva]);
    const again = room.connect(ben, { seen });
    expect(again.all("connection")[0]?.value.recovered).toBe(true);
    expect(again.all("titleChange")).toMatchObject([{ offset: 1, value: { title: "Another title" } }]);
    expect(again.all("memberChange")).toMatchObject([
      { offset: 2, value: { member: { userId: "eva" }, removed: false } },
    ]);
  });
});

describe("read positions", () => {
  const read = (room: TestRoom, socket: TestSocket, offset: number) =>
    room.emit(socket, [{ event: { case: "messageRead", value: { offset } } }]);

  it("go to everybody, only ever forward, and no further than the log", () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    for (const text of ["one", "two", "three"]) room.say(a, text);
    read(room, b, 2);
    read(room, b, 1);
    read(room, b, 99);
    expect(a.all("messageRead").map(({ value }) => [value.userId, value.offset])).toEqual([
      ["ben", 2],
      ["ben", 3],
    ]);
  });

  it("are told to whoever comes later, and outlive the room's memory", () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.say(a, "one");
    read(room, b, 1);
    room.evict();
    const members = room.connect(eva).all("connection")[0]?.value.members ?? [];
    expect(members.map(({ userId, readOffset }) => [userId, readOffset])).toEqual([
      ["ana", 0],
      ["ben", 1],
      ["eva", 0],
    ]);
  });
});
