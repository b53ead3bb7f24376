import { evictDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import { roomOf, TestClient } from "./testing/client.ts";
import { outside, recordDouble } from "./testing/doubles.ts";
import { ana, ben, talk } from "./testing/talk.ts";

afterEach(() => {
  outside.fleetIsDown = false;
  outside.fleetGate = undefined;
  outside.databaseIsDown = false;
  outside.fleetCalls.length = 0;
});

/** Waits for the condition that a room's doings bring about outside of it. */
async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (const start = Date.now(); !condition(); ) {
    if (Date.now() - start > 10_000) throw new Error(`Waited in vain for ${what}`);
    await scheduler.wait(5);
  }
}

const written = (conversation: string) =>
  outside.batches.filter((batch) => batch.conversationId === conversation).flatMap((batch) => batch.writes);

describe("a fleet that comes and goes", () => {
  it("never keeps a message waiting; the translation comes when the fleet is back, evictions or not", async () => {
    const { a, b, room } = await talk();
    outside.fleetIsDown = true;
    a.say("Hello");
    await b.until("messageReceive");
    await evictDurableObject(room);
    expect(b.translations).toEqual([]);
    outside.fleetIsDown = false;
    await b.until("messageTranslation");
    expect(b.translations).toEqual(["fr: Hello"]);
    expect(b.all("messageTranslation")[0]?.value.provenance).toMatchObject({ model: "echo", sourceLanguage: "en" });
  });

  it("never delivers the translation of a text that was edited while it was being made", async () => {
    const { a, b } = await talk();
    const gate = Promise.withResolvers<void>();
    outside.fleetGate = gate.promise;
    a.say("old");
    await a.until("messageReceive");
    await eventually(() => outside.fleetCalls.includes("old"), "the fleet to be asked");
    const messageId = a.all("messageReceive")[0]?.value.id ?? "";
    a.emit({ event: { case: "messageEdit", value: { clientMessageId: "e", messageId, text: "new" } } });
    await b.until("messageEdit");
    gate.resolve();
    await b.until("messageTranslation");
    expect(b.all("messageTranslation").map(({ value }) => [value.revision, value.text])).toEqual([[2, "fr: new"]]);
  });

  it("asks it once for a text that several rooms' readers share in one language", async () => {
    const { a, b } = await talk();
    a.say("Good morning");
    await b.until("messageTranslation");
    a.say("Good morning");
    await b.until("messageTranslation", 2);
    expect(b.translations).toEqual(["fr: Good morning", "fr: Good morning"]);
    expect(outside.fleetCalls).toHaveLength(1);
  });
});

describe("translation that is turned off", () => {
  const people = [ana, ben];

  it("asks the fleet for nothing, evictions or not, until it is on again", async () => {
    const { conversation, room, a, b } = await talk();
    await room.membersChanged(conversation, "Lunch", people, false);
    await b.until("translationChange");
    a.say("Hello");
    await b.until("messageReceive");
    await evictDurableObject(room);
    a.say("Still here");
    await b.until("messageReceive", 2);
    // Late joiners, readers of other languages, pages: none of them asks either.
    const eva = await TestClient.open(conversation, { ...ben, userId: uuidv7(), readingLanguage: "de" });
    expect(eva.all("connection")[0]?.value).toMatchObject({ translates: false, title: "Lunch" });
    await room.history({ ...ben, readingLanguage: "es" }, { limit: 10 });
    await room.membersChanged(conversation, "Lunch", [ana, { ...ben, readingLanguage: "pt" }], false);
    await b.until("sync", 2);
    expect(outside.fleetCalls).toEqual([]);

    await room.membersChanged(conversation, "Lunch", people, true);
    await b.when(() => b.translations.length === 2, "the older messages' translations");
    a.say("Welcome back");
    await b.when(() => b.translations.includes("fr: Welcome back"));
    expect(b.all("translationChange").map(({ value }) => value.translates)).toEqual([false, true]);
    expect(outside.fleetCalls.toSorted()).toEqual(["Hello", "Still here", "Welcome back"]);
  });

  it("drops what was under way", async () => {
    const { conversation, room, a, b } = await talk();
    const gate = Promise.withResolvers<void>();
    outside.fleetGate = gate.promise;
    a.say("Hello");
    await eventually(() => outside.fleetCalls.includes("Hello"), "the fleet to be asked");
    await room.membersChanged(conversation, "Lunch", people, false);
    gate.resolve();
    a.say("As written");
    await b.until("messageReceive", 2);
    await evictDurableObject(room);
    expect(b.translations).toEqual([]);
    expect(outside.fleetCalls).toEqual(["Hello"]);
  });
});

describe("a database that comes and goes", () => {
  it("gets every event exactly once and in order, however long it was away", async () => {
    const { a, b, conversation, room } = await talk();
    outside.databaseIsDown = true;
    for (const text of ["one", "two", "three"]) a.say(text);
    await b.until("messageTranslation", 3);
    await evictDurableObject(room);
    expect(written(conversation)).toEqual([]);
    outside.databaseIsDown = false;
    const { offset } = await room.position();
    await eventually(() => written(conversation).length >= offset, "the outbox to drain");
    expect(written(conversation).map((write) => write.offset)).toEqual(Array.from({ length: offset }, (_, n) => n + 1));
    a.say("four");
    await eventually(() => written(conversation).length > offset, "the next event");
    expect(written(conversation).flatMap((write) => (write.kind === "message" ? [write.text] : []))).toEqual([
      "one",
      "two",
      "three",
      "four",
    ]);
  });
});

describe("a room whose storage was lost", () => {
  /** A conversation that is in the system of record, of which the room knows nothing. */
  async function lost() {
    const conversation = uuidv7();
    const messageId = uuidv7();
    const message = { messageId, authorId: ana.userId, clientMessageId: "c1", text: "Hello", language: "en" };
    await recordDouble.append({
      conversationId: conversation,
      epoch: "before",
      writes: [{ kind: "message", offset: 7, ...message, replyTo: "", createdAt: Date.now() }],
    });
    return { conversation, messageId, room: roomOf(conversation) };
  }

  it("is rebuilt before it takes anything, however many come at once", async () => {
    const { conversation, messageId, room } = await lost();
    const [repeated, b] = await Promise.all([
      room.send(ana, { clientMessageId: "c1", text: "Hello" }),
      TestClient.open(conversation, ben, { epoch: "before", offset: 7 }),
    ]);
    expect(repeated).toMatchObject({ ok: true, messageId, duplicate: true });
    expect(b.all("connection")[0]?.value.recovered).toBe(false);
    await b.until("sync");
    expect(b.all("sync")[0]?.value.messages.map(({ text }) => text)).toEqual(["Hello"]);
    b.say("Salut");
    await b.until("ack");
    expect(b.all("ack")[0]?.value.offset).toBeGreaterThan(7);
  });

  it("refuses everything while the record is away, and is rebuilt with the next call", async () => {
    const { conversation, room } = await lost();
    outside.databaseIsDown = true;
    const refused = { ok: false, code: "history_unavailable", retryAfterMs: 2_000 };
    expect(await room.send(ana, { clientMessageId: "c2", text: "Hello?" })).toMatchObject(refused);
    expect(await room.history(ana, { limit: 10 })).toMatchObject(refused);
    await expect(TestClient.open(conversation, ana)).rejects.toThrow("503");
    outside.databaseIsDown = false;
    expect(await room.history(ana, { limit: 10 })).toMatchObject({ ok: true, messages: [expect.any(Uint8Array)] });
  });
});
