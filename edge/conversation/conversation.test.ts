import { describe, expect, it } from "vitest";
import { ClientEventSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { limits } from "./limits.ts";
import { ana, ben, eva, seenBy, TestRoom, type TestSocket } from "./testing/room.ts";

const texts = (socket: TestSocket) => socket.all("messageReceive").map(({ value }) => value.text);
const translations = (socket: TestSocket) => socket.all("messageTranslation").map(({ value }) => value.text);
const errors = (socket: TestSocket) => socket.all("error").map(({ value }) => value.code);

describe("sending", () => {
  it("acknowledges the sender, then everybody gets the message under the same offset", () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.say(a, "Hello", "c1");
    const last = a.events.slice(-2);
    expect(last.map(({ event }) => event.case)).toEqual(["ack", "messageReceive"]);
    expect(a.all("ack")[0]?.value).toMatchObject({ clientMessageId: "c1", offset: 1, duplicate: false });
    expect(b.all("messageReceive")[0]).toMatchObject({ offset: 1, value: { text: "Hello", authorId: "ana" } });
  });

  it("answers a repeated send with the first one's offset and tells nobody else", () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.say(a, "Hello", "c1");
    room.say(b, "Bonjour", "c1");
    room.evict();
    room.say(a, "Hello", "c1");
    expect(a.all("ack").map(({ value }) => [value.offset, value.duplicate])).toEqual([
      [1, false],
      [1, true],
    ]);
    expect(texts(b)).toEqual(["Hello", "Bonjour"]);
  });

  it("handles the events of a frame one by one: a bad one in the middle takes no other with it", () => {
    const room = new TestRoom();
    const a = room.connect(ana);
    const send = (clientMessageId: string, text: string) =>
      ({ event: { case: "messageSend", value: { clientMessageId, text } } }) as const;
    room.emit(a, [send("c1", "one"), send("c2", "  "), send("c3", "three")]);
    expect(texts(a)).toEqual(["one", "three"]);
    expect(a.all("error")[0]?.value).toMatchObject({ code: "message_empty", clientMessageId: "c2" });
  });

  it("refuses a person who sends too fast, says how long to wait, and takes the message then", () => {
    const room = new TestRoom();
    const a = room.connect(ana);
    for (let n = 0; n < 61; n++) room.say(a, `message ${n}`);
    expect(errors(a)).toEqual(["rate_limited"]);
    room.now += a.all("error")[0]?.value.retryAfterMs ?? 0;
    room.say(a, "now");
    expect(texts(a).at(-1)).toBe("now");
  });

  it("answers the REST API like a socket", async () => {
    const room = new TestRoom();
    const b = room.connect(ben);
    const input = { clientMessageId: "c1", text: "Hello" };
    expect(await room.conversation.send(ana, input)).toMatchObject({ ok: true, offset: 1, duplicate: false });
    expect(await room.conversation.send(ana, input)).toMatchObject({ ok: true, offset: 1, duplicate: true });
    expect(await room.conversation.send(ana, { ...input, clientMessageId: "" })).toMatchObject({
      ok: false,
      code: "client_message_id_invalid",
    });
    expect(texts(b)).toEqual(["Hello"]);
  });
});

describe("editing and deleting", () => {
  it("lets only the author edit, and its author, owners and admins delete", () => {
    const room = new TestRoom();
    const [a, b, c] = [room.connect(ana), room.connect(ben), room.connect(eva)];
    room.say(b, "Bonjour");
    const messageId = a.all("messageReceive")[0]?.value.id ?? "";
    const edit = (text: string) =>
      ({ event: { case: "messageEdit", value: { clientMessageId: text, messageId, text } } }) as const;
    const remove = { event: { case: "messageDelete", value: { clientMessageId: "d", messageId } } } as const;
    room.emit(a, [edit("by the owner")]);
    room.emit(c, [remove]);
    expect([...errors(a), ...errors(c)]).toEqual(["not_author", "not_allowed"]);
    room.emit(b, [edit("Salut"), edit("Salut")]);
    expect(a.all("messageEdit").map(({ value }) => [value.revision, value.text])).toEqual([[2, "Salut"]]);
    room.emit(a, [remove]);
    room.emit(b, [edit("too late")]);
    expect(errors(b)).toEqual(["message_deleted"]);
    expect(c.events.filter(({ offset }) => offset > 0).map(({ offset }) => offset)).toEqual([1, 2, 3]);
  });
});

describe("recovery", () => {
  it("gives a returning client precisely what it missed: messages, edits, deletions and its own translations", async () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.say(a, "seen");
    await room.settle();
    room.leave(b);
    room.say(a, "edited while away");
    const messageId = a.all("messageReceive")[1]?.value.id ?? "";
    room.emit(a, [{ event: { case: "messageEdit", value: { clientMessageId: "e", messageId, text: "better" } } }]);
    room.emit(a, [{ event: { case: "messageDelete", value: { clientMessageId: "d", messageId: "id-2" } } }]);
    const back = room.connect(ben, { seen: seenBy(b) });
    expect(back.all("connection")[0]?.value).toMatchObject({ recovered: true, epoch: seenBy(b).epoch });
    expect(back.events.filter(({ offset }) => offset > 0).map(({ offset }) => offset)).toEqual([3, 4, 5]);
    expect(back.all("sync")).toEqual([]);
  });

  it("starts from a sync for another epoch, a position ahead of the log, and too long an absence", () => {
    const room = new TestRoom();
    const a = room.connect(ana);
    const { epoch } = seenBy(a);
    for (let n = 0; n <= limits.recoveredEvents; n++) {
      room.now += 1_000;
      room.say(a, `${n}`);
    }
    const end = limits.recoveredEvents + 1;
    for (const seen of [
      { epoch: "other", offset: 3 },
      { epoch, offset: end + 1 },
      { epoch, offset: 0 },
    ]) {
      const socket = room.connect(ben, { seen });
      expect(socket.all("connection")[0]?.value).toMatchObject({ recovered: false, offset: end });
      expect(socket.all("sync")[0]?.value).toMatchObject({ offset: end, hasMore: true });
      expect(texts(socket)).toEqual([]);
    }
    expect(texts(room.connect(ben, { seen: { epoch, offset: 1 } }))).toHaveLength(limits.recoveredEvents);
  });

  it("goes on after losing its memory as if nothing had happened", () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.say(a, "before");
    room.evict();
    room.say(b, "after");
    expect(texts(a)).toEqual(["before", "after"]);
    expect(a.all("messageReceive").map(({ offset }) => offset)).toEqual([1, 2]);
    room.sockets.delete(b);
    room.evict();
    room.leave(b);
    room.leave(b);
    expect(a.all("userOffline").map(({ value }) => value.userId)).toEqual(["ben"]);
  });
});

describe("the outbox", () => {
  it("writes everything once and in order, whatever happens to the database meanwhile", async () => {
    const room = new TestRoom();
    const a = room.connect(ana);
    room.sinkIsDown = true;
    for (const text of ["one", "two", "three"]) room.say(a, text);
    await room.wait(120_000);
    room.evict();
    room.say(a, "four");
    expect(room.batches).toEqual([]);
    room.sinkIsDown = false;
    await room.wait(60_000);
    const writes = room.batches.flatMap((batch) => batch.writes);
    expect(writes.map(({ offset }) => offset)).toEqual(writes.map((_, index) => index + 1));
    expect(writes.flatMap((write) => (write.kind === "message" ? [write.text] : []))).toEqual([
      "one",
      "two",
      "three",
      "four",
    ]);
    expect(new Set(room.batches.map(({ conversationId }) => conversationId))).toEqual(new Set(["conversation-1"]));
    const { length } = room.batches;
    await room.wait(600_000);
    expect(room.batches).toHaveLength(length);
    expect(room.alarmAt).toBeUndefined();
  });
});

describe("people", () => {
  it("tells when somebody comes with a first socket and goes with the last", () => {
    const room = new TestRoom();
    const a = room.connect(ana);
    const [b1, b2] = [room.connect(ben), room.connect(ben)];
    room.leave(b1);
    expect(a.all("userOnline").map(({ value }) => value.userId)).toEqual(["ben"]);
    expect(a.all("userOffline")).toEqual([]);
    room.leave(b2);
    expect(a.all("userOffline").map(({ value }) => value.userId)).toEqual(["ben"]);
    const members = room.connect(eva).all("connection")[0]?.value.members ?? [];
    expect(members.map(({ userId, online }) => [userId, online])).toEqual([
      ["ana", true],
      ["ben", false],
      ["eva", true],
    ]);
  });

  it("passes typing on to the others, not to the person's own sockets", () => {
    const room = new TestRoom();
    const [a, other, b] = [room.connect(ana), room.connect(ana), room.connect(ben)];
    room.emit(a, [{ event: { case: "messageTyping", value: { typing: true } } }]);
    expect(b.all("messageTyping").map(({ value }) => value.userId)).toEqual(["ana"]);
    expect([...a.all("messageTyping"), ...other.all("messageTyping")]).toEqual([]);
  });

  it("closes the sockets of a person who was removed and tells the others", () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.conversation.membersChanged("conversation-1", "A title", [ana, eva]);
    expect(b.closed).toBe(4403);
    expect(b.all("disconnect")[0]?.value).toMatchObject({ closeCode: 4403, reconnect: false });
    expect(a.all("memberChange").map(({ value }) => [value.member?.userId, value.removed])).toEqual([
      ["ben", false],
      ["eva", false],
      ["ben", true],
    ]);
    room.say(a, "still here");
    expect(texts(b)).toEqual([]);
  });

  it("gives a reader who chose another language a page in it", async () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    room.say(a, "Hello");
    await room.settle();
    room.conversation.membersChanged("conversation-1", "A title", [ana, { ...ben, readingLanguage: "de" }]);
    await room.settle();
    expect(b.all("sync")).toHaveLength(2);
    expect(translations(b)).toEqual(["fr: Hello", "de: Hello"]);
  });

  it("closes the oldest socket of a person who opens too many", () => {
    const room = new TestRoom();
    const sockets = Array.from({ length: limits.socketsPerPerson + 1 }, () => room.connect(ana));
    expect(sockets.map(({ closed }) => closed)).toEqual([4409, ...sockets.slice(1).map(() => undefined)]);
  });

  it("keeps delivering to the others when a socket breaks", () => {
    const room = new TestRoom();
    const [a, b, c] = [room.connect(ana), room.connect(ben), room.connect(eva)];
    b.isDead = true;
    room.say(a, "Hello");
    expect(texts(c)).toEqual(["Hello"]);
    expect(c.all("userOffline").map(({ value }) => value.userId)).toEqual(["ben"]);
  });
});

describe("frames", () => {
  it("speaks JSON with the protocol's names to a socket that asked for it", () => {
    const room = new TestRoom();
    const a = room.connect(ana, { protocol: "json" });
    room.conversation.receive(a, '[{"message:send":{"clientMessageId":"c1","text":"Hello"}}]');
    const events = a.sent.flatMap((data) => JSON.parse(String(data)));
    expect(events[0]).toHaveProperty("connection.recovered");
    expect(events.slice(-2)).toMatchObject([
      { ack: { clientMessageId: "c1" } },
      { offset: 1, "message:receive": { text: "Hello" } },
    ]);
  });

  it("closes a socket only after many malformed frames, and at once for one that is too large", () => {
    const room = new TestRoom();
    const [a, b] = [room.connect(ana), room.connect(ben)];
    for (let n = 1; n < limits.malformedFrames; n++) room.conversation.receive(a, "not JSON");
    expect(a.closed).toBeUndefined();
    room.say(a, "still here");
    expect(texts(b)).toEqual(["still here"]);
    room.conversation.receive(a, "not JSON");
    expect(a.closed).toBe(4400);
    room.conversation.receive(b, new ArrayBuffer(limits.frameBytes + 1));
    expect(b.closed).toBe(4413);
  });

  it("knows every client event by its JSON name", () => {
    expect(ClientEventSchema.fields.map(({ jsonName }) => jsonName)).toContain("message:send");
  });
});
