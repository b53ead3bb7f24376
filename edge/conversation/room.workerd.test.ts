import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { uuidv7 } from "../ids.ts";
import { limits } from "./limits.ts";
import { roomOf, TestClient } from "./testing/client.ts";
import { ana, ben, talk } from "./testing/talk.ts";

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
