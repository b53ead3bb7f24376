import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TranslationStatus } from "../proto/gen/meeshy/v1/translation_pb.js";
import type { Stack } from "../scripts/local/stack.ts";
import type { Person } from "./support/person.ts";
import { twoPeople } from "./support/two-people.ts";

let stack: Stack;
let english: Person;
let french: Person;
let conversation: string;

beforeAll(async () => {
  ({ stack, english, french, conversation } = await twoPeople());
});
afterAll(() => stack?.close());

describe("two people who share no language", () => {
  it("get each other's words at once, then in their own language", async () => {
    const [here, there] = [english.open(conversation), french.open(conversation)];
    await Promise.all([here.connected(), there.connected()]);

    const sent = await here.say("The bus is late.");
    const original = await there.until((socket) => socket.messages.find(({ id }) => id === sent.messageId));
    expect(original.text).toBe("The bus is late.");
    const translation = await there.until((socket) =>
      socket.all("messageTranslation").find(({ messageId }) => messageId === sent.messageId),
    );
    expect(translation).toMatchObject({ language: "fr", revision: 1, status: TranslationStatus.TRANSLATED });
    expect(translation.text).toMatch(/retard/i);
    expect(translation.provenance).toMatchObject({ sourceLanguage: "en", engine: "onnxruntime" });

    const answered = await there.say("Merci, à demain !");
    const answer = await here.until((socket) =>
      socket.all("messageTranslation").find(({ messageId }) => messageId === answered.messageId),
    );
    expect(answer).toMatchObject({ language: "en", revision: 1 });
    expect(answer.text).toMatch(/thank/i);
    expect(here.all("messageTranslation").filter(({ language }) => language !== "en")).toEqual([]);
    await Promise.all([here.close(), there.close()]);
  });

  it("read what was said while they were away in their own language", async () => {
    const here = english.open(conversation);
    await here.connected();
    const { messageId } = await here.say("I'm at home.");
    await here.close();

    const there = french.open(conversation);
    const message = await there.until((socket) => socket.messages.find(({ id }) => id === messageId));
    expect(message.text).toBe("I'm at home.");
    const translated = await there.until(
      (socket) =>
        message.translations.find(({ language }) => language === "fr") ??
        socket.all("messageTranslation").find((translation) => translation.messageId === messageId),
    );
    expect(translated.text).toMatch(/maison/i);
    await there.close();
  });
});

describe("a client that comes back", () => {
  it("gets exactly what it missed, in order", async () => {
    const here = english.open(conversation);
    const there = french.open(conversation);
    const { epoch } = await there.connected();
    await here.connected();
    const first = await here.say("one");
    await there.until((socket) => socket.messages.find(({ id }) => id === first.messageId));
    await there.close();
    const seen = Math.max(...there.events.map(({ offset }) => offset));

    const missed = [];
    for (const text of ["two", "three", "four"]) missed.push((await here.say(text)).messageId);

    const again = french.open(conversation, { epoch, offset: seen });
    expect((await again.connected()).recovered).toBe(true);
    await again.until((socket) => (socket.messages.length >= missed.length ? true : undefined));
    expect(again.messages.map(({ id }) => id)).toEqual(missed);
    const offsets = again.events.map(({ offset }) => offset).filter((offset) => offset > 0);
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    expect(Math.min(...offsets)).toBeGreaterThan(seen);
    await Promise.all([here.close(), again.close()]);
  });

  it("stores a message once, however often it is sent", async () => {
    const here = english.open(conversation);
    const there = french.open(conversation);
    await Promise.all([here.connected(), there.connected()]);
    const first = await here.say("only once, please", "same-id");
    here.send({ "message:send": { clientMessageId: "same-id", text: "only once, please" } });
    const again = await here.until((socket) => socket.all("ack").find(({ duplicate }) => duplicate));
    expect(again).toMatchObject({ messageId: first.messageId, offset: first.offset });
    const last = await here.say("the end");
    await there.until((socket) => socket.messages.find(({ id }) => id === last.messageId));
    expect(there.messages.filter(({ id }) => id === first.messageId)).toHaveLength(1);
    await Promise.all([here.close(), there.close()]);
  });
});

describe("the history over REST", () => {
  it("has every message, in order, with the reader's translations", async () => {
    const page = await french.get<{ messages: { text: string; translations?: { language: string }[] }[] }>(
      "GET",
      `/conversations/${conversation}/messages?limit=100`,
    );
    const texts = page.messages.map(({ text }) => text);
    expect(texts.slice(0, 3)).toEqual(["The bus is late.", "Merci, à demain !", "I'm at home."]);
    expect(page.messages[0]?.translations?.map(({ language }) => language)).toEqual(["fr"]);
  });
});

describe("a long message", () => {
  it("is translated whole: the inference server packs answers above a kilobyte", async () => {
    const [here, there] = [english.open(conversation), french.open(conversation)];
    await Promise.all([here.connected(), there.connected()]);
    const text = Array.from({ length: 60 }, (_, day) => `On day ${day + 1} the bus was late again.`).join(" ");
    const { messageId } = await here.say(text);
    const translation = await there.until((socket) =>
      socket.all("messageTranslation").find((one) => one.messageId === messageId),
    );
    expect(translation.status).toBe(TranslationStatus.TRANSLATED);
    expect(translation.text.length).toBeGreaterThan(1_500);
    for (const day of [1, 30, 60]) expect(translation.text).toMatch(new RegExp(`\\b${day}\\b`));
    await Promise.all([here.close(), there.close()]);
  });
});
