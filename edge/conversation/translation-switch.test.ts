import { describe, expect, it } from "vitest";
import { ana, ben, eva, seenBy, TestRoom, type TestSocket } from "./testing/room.ts";

const people = [ana, ben, eva];
const turn = (room: TestRoom, on: boolean, members = people) =>
  room.conversation.membersChanged("conversation-1", "A title", members, on);
const asked = (room: TestRoom) => room.questions.map(({ text }) => text);
const translations = (socket: TestSocket) => socket.all("messageTranslation").map(({ value }) => value.text);
const newest = (socket: TestSocket) => socket.all("sync").at(-1)?.value.messages ?? [];

/** A room of Ana, Ben and Eva, in which Ana and Ben are there. */
function talk(options?: ConstructorParameters<typeof TestRoom>[0]) {
  const room = new TestRoom(options);
  room.record.people = people;
  turn(room, true);
  return { room, a: room.connect(ana), b: room.connect(ben) };
}

/** Lets everything come to its end that was asked for and put off. */
async function end(room: TestRoom) {
  await room.settle();
  await room.wait(60_000);
}

describe("translation that is turned off", () => {
  it("is an event of the log, once, and told to whoever comes", () => {
    const { room, a, b } = talk();
    turn(room, false);
    turn(room, false);
    room.conversation.membersChanged("conversation-1", "A title", people);
    for (const socket of [a, b]) {
      expect(socket.all("translationChange")).toMatchObject([{ offset: 1, value: { translates: false } }]);
    }
    expect(a.all("connection")[0]?.value.translates).toBe(true);
    expect(room.connect(eva).all("connection")[0]?.value.translates).toBe(false);
  });

  it("asks for nothing: not for what is written or edited, not for late readers, other languages or pages", async () => {
    const { room, a } = talk();
    turn(room, false);
    room.say(a, "Hello");
    const messageId = a.all("ack")[0]?.value.messageId ?? "";
    room.emit(a, [{ event: { case: "messageEdit", value: { clientMessageId: "e", messageId, text: "Hello!" } } }]);
    const c = room.connect(eva);
    room.emit(c, [{ event: { case: "sync", value: { before: 0, limit: 10 } } }]);
    turn(room, false, [ana, { ...ben, readingLanguage: "es" }, eva]);
    await room.conversation.history({ ...ben, readingLanguage: "pt" }, { limit: 10 });
    await end(room);
    expect(asked(room)).toEqual([]);
    expect(newest(c).map(({ text, translations: known }) => [text, known])).toEqual([["Hello!", []]]);
  });

  it("drops what is under way, and does not begin what waits", async () => {
    const { room, a, b } = talk();
    room.leave(b);
    for (let n = 0; n < 10; n++) room.say(a, `message ${n}`);
    await end(room);
    const before = room.questions.length;
    room.fleetHangs = true;
    const back = room.connect(ben);
    expect(room.questions.length - before).toBe(4);
    turn(room, false);
    room.answerLate();
    await end(room);
    expect(room.questions.length - before).toBe(4);
    expect(translations(back)).toEqual([]);
  });

  it("leaves what was translated before in pages, and shows inboxes what was written", async () => {
    const { room, a } = talk();
    room.say(a, "Hello");
    await end(room);
    turn(room, false);
    await end(room);
    expect(newest(room.connect(ben))[0]?.translations.map(({ text }) => text)).toEqual(["fr: Hello"]);
    expect(room.told.findLast(({ userId }) => userId === "ben")?.update.lastMessage?.text).toBe("Hello");
    turn(room, true);
    await end(room);
    expect(room.told.findLast(({ userId }) => userId === "ben")?.update.lastMessage?.text).toBe("fr: Hello");
  });

  it("outlives the room's memory, and its storage, whether or not anything was written", async () => {
    for (const texts of [[], ["Hello"]]) {
      const { room, a } = talk();
      room.record.translates = false;
      turn(room, false);
      for (const text of texts) room.say(a, text);
      await end(room);
      room.evict();
      expect(room.connect(ana).all("connection")[0]?.value.translates).toBe(false);
      await room.loseStorage();
      room.say(room.connect(ana), "Still here?");
      const c = room.connect(eva);
      await end(room);
      expect(c.all("connection")[0]?.value).toMatchObject({ translates: false, title: "A title" });
      expect(asked(room)).toEqual([]);
    }
  });
});

describe("translation that is turned on again", () => {
  it("is asked for what people see, and for what comes, each once", async () => {
    const { room, a, b } = talk();
    turn(room, false);
    room.say(a, "Hello");
    turn(room, true);
    expect(b.all("translationChange").map(({ offset, value }) => [offset, value.translates])).toEqual([
      [1, false],
      [3, true],
    ]);
    expect(b.all("sync").at(-1)?.value).toMatchObject({ before: 0, offset: 3, messages: [{ text: "Hello" }] });
    room.say(a, "Bye");
    await end(room);
    expect(translations(b)).toEqual(["fr: Hello", "fr: Bye"]);
    expect(asked(room)).toEqual(["Hello", "Bye"]);
  });

  it("takes a try that was under way for what it is: the answer to what is asked for again", async () => {
    const { room, a, b } = talk();
    room.fleetHangs = true;
    room.say(a, "Hello");
    turn(room, false);
    turn(room, true);
    room.fleetHangs = false;
    room.answerLate();
    await end(room);
    expect(translations(b)).toEqual(["fr: Hello"]);
  });

  it("has whoever was away begin with a page: what they were shown before may lack translations", async () => {
    const { room, a, b } = talk();
    turn(room, false);
    room.say(a, "Hello");
    const seen = seenBy(b);
    room.leave(b);
    turn(room, true);
    const back = room.connect(ben, { seen });
    expect(back.all("connection")[0]?.value).toMatchObject({ recovered: false, translates: true });
    await end(room);
    expect(translations(back)).toEqual(["fr: Hello"]);
    const again = seenBy(back);
    room.leave(back);
    room.say(a, "Bye");
    expect(room.connect(ben, { seen: again }).all("connection")[0]?.value.recovered).toBe(true);
  });
});
