import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../scripts/local/stack.ts";
import { Person } from "./support/person.ts";
import { twoPeople } from "./support/two-people.ts";

let stack: Stack;
let english: Person;
let french: Person;
let conversation: string;

beforeAll(async () => {
  ({ stack, english, french, conversation } = await twoPeople());
});
afterAll(() => stack?.close());

describe("a socket that is sent nonsense", () => {
  it.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ["text that is no JSON", "{", "malformed_frame"],
    ["JSON that is no list", '{"message:send":{}}', "malformed_frame"],
    ["bytes that are no Protobuf", new Uint8Array([255, 255, 255, 255]), "malformed_frame"],
    ["an event that does not exist", '[{"message:explode":{}}]', "unknown_event"],
    ["an empty message", '[{"message:send":{"clientMessageId":"a","text":" \\n "}}]', "message_empty"],
    ["a message without an id", '[{"message:send":{"clientMessageId":"","text":"hi"}}]', "client_message_id_invalid"],
    [
      "a language that nobody knows",
      '[{"message:send":{"clientMessageId":"a","text":"hi","language":"tlh"}}]',
      "language_unknown",
    ],
    [
      "a message of 10,001 characters",
      JSON.stringify([{ "message:send": { clientMessageId: "a", text: "x".repeat(10_001) } }]),
      "message_too_long",
    ],
    [
      "a reply to a message that does not exist",
      '[{"message:send":{"clientMessageId":"a","text":"hi","replyTo":"nothing"}}]',
      "reply_not_found",
    ],
  ])("answers %s with a stable code, stores nothing and stays open", async (_, frame, code) => {
    const socket = english.open(conversation);
    const before = await socket.connected();
    socket.sendRaw(frame);
    const error = await socket.until((open) => open.all("error")[0]);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/\w/) });
    const { offset } = await socket.say("still here");
    expect(offset).toBe(before.offset + 1);
    await socket.close();
  });

  it("is closed when a frame is larger than it may be, with a code that says not to come back", async () => {
    const socket = english.open(conversation);
    await socket.connected();
    socket.sendRaw(`[${" ".repeat(70_000)}]`);
    expect(await socket.until((open) => open.closeCode)).toBe(4413);
    expect(socket.all("disconnect")[0]).toMatchObject({ closeCode: 4413, reconnect: false });
  });
});

describe("somebody who may not", () => {
  it("opens no socket with a bad token, or on a conversation that is not theirs", async () => {
    const stranger = await Person.register(stack.url, "es", "stranger");
    const refused = stranger.open(conversation);
    await refused.until((socket) => socket.closeCode);
    expect(refused.events).toEqual([]);
    const upgrade = (token: string) =>
      fetch(`${stack.url}/ws?conversation=${conversation}`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await upgrade("nonsense")).json()).toMatchObject({ status: 426, code: "not_a_socket" });
    const read = await stranger.call("GET", `/conversations/${conversation}/messages`);
    expect(await read.json()).toMatchObject({ status: 404, code: "conversation_not_found" });
    const write = await stranger.call("POST", `/conversations/${conversation}/messages`, {
      clientMessageId: "x",
      text: "let me in",
    });
    expect(await write.json()).toMatchObject({ status: 404, code: "conversation_not_found" });
    const seen = await french.get<{ messages: { text: string }[] }>("GET", `/conversations/${conversation}/messages`);
    expect(seen.messages.map(({ text }) => text)).not.toContain("let me in");
  });

  it("loses an open socket at once when they are removed", async () => {
    const guest = await Person.register(stack.url, "de", "guest");
    await english.get("POST", `/conversations/${conversation}/members`, { username: guest.username });
    const socket = guest.open(conversation);
    await socket.connected();
    await english.call("DELETE", `/conversations/${conversation}/members/${guest.userId}`);
    expect(await socket.until((open) => open.closeCode)).toBe(4403);
  });
});

it("takes a POST without a body, whose length browsers give as 0", async () => {
  const ticket = await english.call("POST", `/conversations/${conversation}/ticket`);
  expect(await ticket.json()).toMatchObject({ ticket: expect.any(String) });
});
