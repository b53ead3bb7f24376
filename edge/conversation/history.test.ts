import { fromBinary } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { MessageSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { ana, ben, seenBy, TestRoom, type TestSocket } from "./testing/room.ts";

const errors = (socket: TestSocket) => socket.all("error").map(({ value }) => value.code);
const pages = (socket: TestSocket) =>
  socket.all("sync").map(({ value }) => ({ texts: value.messages.map(({ text }) => text), hasMore: value.hasMore }));
const sync = (before: number, limit = 0) => [{ event: { case: "sync", value: { before, limit } } }] as const;

/** A room that keeps ten messages, and Ana in it, who has written thirty. */
async function longTalk() {
  const room = new TestRoom({ keptMessages: 10 });
  const a = room.connect(ana);
  for (let n = 1; n <= 30; n++) {
    room.now += 1_000;
    room.say(a, `message ${n}`, `c${n}`);
  }
  await room.settle();
  await room.wait(5_000);
  const { epoch, offset } = seenBy(a);
  return { room, a, epoch, offset, idOf: (n: number) => a.all("messageReceive")[n - 1]?.value.id ?? "" };
}

const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `message ${from + n}`);

describe("pages of history", () => {
  it("go on from the system of record where the room's own messages end, without a seam", async () => {
    const { room, a } = await longTalk();
    room.emit(a, [...sync(0, 7)]);
    room.emit(a, [...sync(24, 7)]);
    await room.settle();
    room.emit(a, [...sync(17, 10)]);
    await room.settle();
    room.emit(a, [...sync(7, 6)]);
    await room.settle();
    expect(pages(a).slice(1)).toEqual([
      { texts: numbered(24, 30), hasMore: true },
      { texts: numbered(17, 23), hasMore: true },
      { texts: numbered(7, 16), hasMore: true },
      { texts: numbered(1, 6), hasMore: false },
    ]);
  });

  it("are the same over REST, with the reader's translations, and old ones are asked for on demand", async () => {
    const { room, a } = await longTalk();
    const read = async () => {
      const page = await room.conversation.history(ben, { before: 6, limit: 5 });
      if (!page.ok) throw new Error(page.code);
      return { ...page, messages: page.messages.map((bytes) => fromBinary(MessageSchema, bytes)) };
    };
    const first = await read();
    expect(first.messages.map(({ text }) => text)).toEqual(numbered(1, 5));
    expect(first.hasMore).toBe(false);
    await room.settle();
    await room.wait(5_000);
    const about3 = room.questions.filter(({ text }) => text === "message 3");
    expect(about3.at(-1)?.targetLanguages).toEqual(["fr"]);
    const asked = room.questions.length;
    const again = await read();
    expect(again.messages.map(({ translations }) => translations.map(({ text }) => text))).toEqual(
      numbered(1, 5).map((text) => [`fr: ${text}`]),
    );
    await room.settle();
    expect(room.questions).toHaveLength(asked);
    room.emit(a, [...sync(6, 5)]);
    await room.settle();
    expect(pages(a).at(-1)?.texts).toEqual(numbered(1, 5));
  });

  it("that need the record are refused with a hint while it is away, and nothing else is", async () => {
    const { room, a, idOf } = await longTalk();
    room.sinkIsDown = true;
    room.emit(a, [...sync(10)]);
    const edit = { clientMessageId: "e", messageId: idOf(2), text: "better" };
    await room.settle();
    room.emit(a, [{ event: { case: "messageEdit", value: edit } }]);
    await room.settle();
    expect(a.all("error").map(({ value }) => [value.code, value.clientMessageId, value.retryAfterMs])).toEqual([
      ["history_unavailable", "", 2_000],
      ["history_unavailable", "e", 2_000],
    ]);
    expect(await room.conversation.history(ben, { before: 10, limit: 5 })).toMatchObject({
      ok: false,
      code: "history_unavailable",
    });
    room.say(a, "still here", "c31");
    expect(a.all("messageReceive").at(-1)?.value.text).toBe("still here");
    expect(pages(room.connect(ben)).at(-1)?.texts.at(-1)).toBe("still here");
    room.sinkIsDown = false;
    room.emit(a, [...sync(10, 3)]);
    await room.settle();
    expect(pages(a).at(-1)?.texts).toEqual(numbered(7, 9));
  });
});

describe("a message that has left the room", () => {
  it("can be edited, reacted to, answered and deleted as before, in the order of the requests", async () => {
    const { room, a, idOf, offset } = await longTalk();
    const b = room.connect(ben);
    const messageId = idOf(3);
    room.emit(a, [{ event: { case: "messageEdit", value: { clientMessageId: "e", messageId, text: "better" } } }]);
    room.emit(a, [
      { event: { case: "messageSend", value: { clientMessageId: "r", text: "See", replyTo: messageId } } },
    ]);
    room.emit(b, [{ event: { case: "messageReaction", value: { clientMessageId: "x", messageId, emoji: "👍" } } }]);
    await room.settle();
    expect(b.events.filter((event) => event.offset > offset).map(({ event }) => event.case)).toEqual(
      expect.arrayContaining(["messageEdit", "messageReceive", "messageReaction"]),
    );
    expect(
      a
        .all("ack")
        .slice(-2)
        .map(({ value }) => value.clientMessageId),
    ).toEqual(["e", "r"]);
    await room.wait(10_000);
    expect(room.record.messages.find(({ id }) => id === messageId)).toMatchObject({
      text: "better",
      revision: 2,
      reactions: [{ emoji: "👍", userId: "ben" }],
    });
    room.emit(a, [{ event: { case: "messageDelete", value: { clientMessageId: "d", messageId } } }]);
    await room.settle();
    room.emit(b, [...sync(6, 5)]);
    await room.settle();
    expect(pages(b).at(-1)?.texts[2]).toBe("");
    expect(errors(a).concat(errors(b))).toEqual([]);
  });

  it("can be pinned, is then beside the newest page whatever the record does, and can be unpinned", async () => {
    const { room, a, idOf } = await longTalk();
    const messageId = idOf(3);
    const pin = async (remove: boolean) => {
      const value = { clientMessageId: `pin ${remove}`, messageId, remove };
      room.emit(a, [{ event: { case: "messagePin", value } }]);
      await room.settle();
      await room.wait(10_000);
    };
    const pinned = () => room.connect(ben).all("sync")[0]?.value.pinned;
    await pin(false);
    expect(room.record.messages[2]).toMatchObject({ id: messageId, pinnedBy: "ana" });
    room.sinkIsDown = true;
    expect(pinned()).toMatchObject([{ id: messageId, text: "message 3", pinnedBy: "ana" }]);
    room.sinkIsDown = false;
    await pin(true);
    expect(pinned()).toEqual([]);
    expect(room.record.messages[2]?.pinnedBy).toBeUndefined();
    expect(errors(a)).toEqual([]);
  });

  it("is told apart from one that never was", async () => {
    const { room, a } = await longTalk();
    room.emit(a, [{ event: { case: "messageDelete", value: { clientMessageId: "d", messageId: "nothing" } } }]);
    await room.settle();
    expect(errors(a)).toEqual(["message_not_found"]);
    const answer = { clientMessageId: "r", text: "See", replyTo: "nothing" };
    expect(await room.conversation.send(ana, answer)).toMatchObject({ ok: false, code: "reply_not_found" });
  });

  it("is not stored a second time when its send is repeated", async () => {
    const { room, a, idOf } = await longTalk();
    room.say(a, "message 2", "c2");
    expect(a.all("ack").at(-1)?.value).toMatchObject({ messageId: idOf(2), duplicate: true });
    expect(room.reads).toEqual([]);
  });

  it("makes who missed a change of it start from a sync when it is no longer here", async () => {
    const { room, a, idOf, epoch, offset } = await longTalk();
    const value = { clientMessageId: "e", messageId: idOf(3), text: "better" };
    room.emit(a, [{ event: { case: "messageEdit", value } }]);
    await room.settle();
    expect(room.connect(ben, { seen: { epoch, offset } }).all("connection")[0]?.value.recovered).toBe(true);
    await room.settle();
    await room.wait(10_000);
    expect(room.connect(ben, { seen: { epoch, offset } }).all("connection")[0]?.value.recovered).toBe(false);
  });
});
