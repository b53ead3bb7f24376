import { evictDurableObject } from "cloudflare:test";
import { afterEach, describe, expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import type { Person } from "./contract.ts";
import { limits } from "./limits.ts";
import { roomOf, TestClient } from "./testing/client.ts";
import { outside, recordDouble } from "./testing/doubles.ts";

const ana: Person = { userId: uuidv7(), username: "ana", displayName: "Ana", role: "owner", readingLanguage: "en" };
const ben: Person = { userId: uuidv7(), username: "ben", displayName: "Ben", role: "member", readingLanguage: "fr" };

afterEach(() => {
  outside.fleetIsDown = false;
  outside.fleetGate = undefined;
  outside.databaseIsDown = false;
  outside.fleetCalls.length = 0;
});

/** A new conversation with Ana and Ben in it. */
async function talk() {
  const conversation = uuidv7();
  const [a, b] = [await TestClient.open(conversation, ana), await TestClient.open(conversation, ben)];
  return { conversation, room: roomOf(conversation), a, b };
}

/** Waits for the condition that a room's doings bring about outside of it. */
async function eventually(condition: () => boolean, what: string): Promise<void> {
  for (const start = Date.now(); !condition(); ) {
    if (Date.now() - start > 10_000) throw new Error(`Waited in vain for ${what}`);
    await scheduler.wait(5);
  }
}

const written = (conversation: string) =>
  outside.batches.filter((batch) => batch.conversationId === conversation).flatMap((batch) => batch.writes);

describe("a conversation in workerd", () => {
  it("gives everybody the same messages in the same order, acknowledged first to whoever sent them", async () => {
    const { a, b } = await talk();
    for (let n = 0; n < 10; n++) (n % 2 ? a : b).say(`message ${n}`);
    await Promise.all([a.until("messageReceive", 10), b.until("messageReceive", 10)]);
    expect(a.all("messageReceive").map(({ offset }) => offset)).toEqual(
      b.all("messageReceive").map(({ offset }) => offset),
    );
    expect(a.texts).toEqual(b.texts);
    const first = a.events.findIndex(({ event }) => event.case === "ack");
    const mine = a.events.findIndex(
      ({ event }) => event.case === "messageReceive" && event.value.authorId === ana.userId,
    );
    expect(first).toBeLessThan(mine);
  });

  it("has stored what it acknowledges: an object that vanishes at the ack still has the message", async () => {
    const { a, room } = await talk();
    a.say("durable", "c1");
    await a.until("ack");
    await evictDurableObject(room);
    expect(await room.history(ana, { limit: 10 })).toMatchObject({ messages: [expect.any(Uint8Array)] });
    expect(await room.position()).toMatchObject({ offset: expect.any(Number) });
  });

  it("stores a repeated send once and acknowledges it with the first offset", async () => {
    const { a, b, room } = await talk();
    a.say("once", "c1");
    await a.until("ack");
    await evictDurableObject(room);
    a.say("once", "c1");
    await a.until("ack", 2);
    const [first, second] = a.all("ack").map(({ value }) => value);
    expect(second).toMatchObject({ offset: first?.offset, messageId: first?.messageId, duplicate: true });
    expect(await room.history(ana, { limit: 10 })).toMatchObject({ messages: [expect.any(Uint8Array)] });
    expect(b.texts).toEqual(["once"]);
  });

  it("goes on over the same sockets after the object was evicted in the middle", async () => {
    const { a, b, room } = await talk();
    a.say("before");
    await b.until("messageReceive");
    await evictDurableObject(room);
    b.say("after");
    await a.until("messageReceive", 2);
    await evictDurableObject(room);
    b.close();
    await a.until("userOffline");
    expect(a.texts).toEqual(["before", "after"]);
    expect(a.all("userOffline")[0]?.value.userId).toBe(ben.userId);
  });

  it("recovers precisely what was missed, and starts from a sync under another epoch", async () => {
    const { a, b, conversation } = await talk();
    a.say("seen");
    await b.until("messageTranslation");
    const { seen } = b;
    b.close();
    await a.until("userOffline");
    a.say("missed");
    await a.until("messageReceive", 2);
    const id = a.all("messageReceive")[1]?.value.id ?? "";
    a.emit({ event: { case: "messageEdit", value: { clientMessageId: "e", messageId: id, text: "missed, edited" } } });
    await a.until("messageEdit");

    const back = await TestClient.open(conversation, ben, seen);
    expect(back.all("connection")[0]?.value).toMatchObject({ recovered: true, epoch: seen.epoch });
    expect(back.all("sync")).toEqual([]);
    expect(back.texts).toEqual(["missed"]);
    expect(back.all("messageEdit").map(({ value }) => value.text)).toEqual(["missed, edited"]);
    await back.when(() => back.translations.includes("fr: missed, edited"));

    const lost = await TestClient.open(conversation, ben, { epoch: uuidv7(), offset: 1 });
    expect(lost.all("connection")[0]?.value.recovered).toBe(false);
    await lost.until("sync");
    expect(lost.all("sync")[0]?.value.messages.map(({ text }) => text)).toEqual(["seen", "missed, edited"]);
    expect(lost.texts).toEqual([]);
  });

  it("answers every kind of bad input with its code, stores nothing, and keeps the socket", async () => {
    const { a, room } = await talk();
    const send = (value: { clientMessageId?: string; text?: string; language?: string; replyTo?: string }) =>
      a.emit({ event: { case: "messageSend", value: { clientMessageId: "c", text: "text", ...value } } });
    const bad: readonly (readonly [string, () => void])[] = [
      ["message_empty", () => send({ text: "" })],
      ["message_empty", () => send({ text: " \n\t" })],
      ["message_too_long", () => send({ text: "x".repeat(limits.textLength + 1) })],
      ["message_invalid", () => send({ text: "a\0b" })],
      ["language_unknown", () => send({ language: "tlh" })],
      ["client_message_id_invalid", () => send({ clientMessageId: "" })],
      ["client_message_id_invalid", () => send({ clientMessageId: "x".repeat(limits.clientMessageIdLength + 1) })],
      ["reply_not_found", () => send({ replyTo: uuidv7() })],
      ["malformed_frame", () => a.raw(new Uint8Array([255, 255, 255]))],
      ["malformed_frame", () => a.raw("{")],
      ["malformed_frame", () => a.raw('{"message:send":{}}')],
      ["malformed_frame", () => a.raw('[{"message:send":{"text":7}}]')],
      ["unknown_event", () => a.raw('[{"message:shout":{}}]')],
      ["unknown_event", () => a.emit({})],
      ["too_many_events", () => a.emit(...Array.from({ length: limits.eventsPerFrame + 1 }, () => ({})))],
      ["page_invalid", () => a.emit({ event: { case: "sync", value: { limit: limits.pageSize + 1 } } })],
      [
        "message_not_found",
        () => a.emit({ event: { case: "messageEdit", value: { clientMessageId: "c", messageId: "m", text: "x" } } }),
      ],
    ];
    for (const [index, [code, doIt]] of bad.entries()) {
      doIt();
      await a.until("error", index + 1);
      expect(a.all("error").at(-1)?.value.code).toBe(code);
    }
    expect(await room.position()).toMatchObject({ offset: 0 });
    a.say("x".repeat(limits.textLength));
    await a.until("ack");
    expect(a.closed).toBeUndefined();
  });

  it("closes a socket with a named code for a frame over the limit", async () => {
    const { a, b } = await talk();
    a.raw(new Uint8Array(limits.frameBytes + 1));
    await a.when(() => a.closed !== undefined);
    expect(a.closed).toBe(4413);
    await b.until("userOffline");
  });
});

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

describe("the Worker's calls", () => {
  it("sends, pages and tells the position without a socket", async () => {
    const conversation = uuidv7();
    const room = roomOf(conversation);
    await room.membersChanged(conversation, "Lunch", [ana, ben]);
    const sent = await room.send(ana, { clientMessageId: "c1", text: "Hello" });
    expect(sent).toMatchObject({ ok: true, offset: 1 });
    expect(await room.send(ana, { clientMessageId: "c2", text: " " })).toMatchObject({
      ok: false,
      code: "message_empty",
    });
    expect(await room.history(ben, { limit: 10 })).toMatchObject({ ok: true, hasMore: false });
    const client = await TestClient.open(conversation, ben);
    expect(client.all("connection")[0]?.value).toMatchObject({ conversationId: conversation, title: "Lunch" });
    await client.when(
      () => client.translations.length + (client.all("sync")[0]?.value.messages[0]?.translations.length ?? 0) > 0,
    );
    await room.membersChanged(conversation, "Lunch", [ana]);
    await client.when(() => client.closed === 4403);
  });
});
