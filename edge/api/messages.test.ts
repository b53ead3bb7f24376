import { beforeEach, describe, expect, it, vi } from "vitest";
import { uuidv7 } from "../ids.ts";
import * as messageSchemas from "./message-schemas.ts";
import { answerOf, conversationOf, newApi, problemOf, type TestApi, type TestPerson } from "./testing.ts";

let api: TestApi;
let alice: TestPerson;
let bob: TestPerson;
let id: string;
beforeEach(async () => {
  api = newApi();
  [alice, bob] = [await api.signUp("Alice", "en"), await api.signUp("Bob", "fr")];
  id = await conversationOf(alice, bob);
});

const post = (body: object) => api.request(`POST /conversations/${id}/messages`, { as: alice, body });
const textsOf = ({ messages }: messageSchemas.MessagePage) => messages.map(({ text }) => text);

describe("sending a message", () => {
  it("stores it, answers with its place in the log, and shows it to who is there", async () => {
    const socket = await bob.connect(id);
    const response = await post({ clientMessageId: "c1", text: "Hello 👋", language: "en-GB" });
    expect(response.status).toBe(201);
    const sent = await answerOf(response, messageSchemas.sent);
    expect(sent).toMatchObject({ offset: 1, duplicate: false });
    expect(socket.all("messageReceive")).toMatchObject([
      { offset: 1, value: { id: sent.messageId, text: "Hello 👋" } },
    ]);
    const { messages } = await alice.history(id);
    expect(messages).toMatchObject([
      {
        id: sent.messageId,
        offset: 1,
        authorId: alice.user.id,
        clientMessageId: "c1",
        revision: 1,
        text: "Hello 👋",
        language: "en",
        replyTo: "",
        createdAt: expect.stringMatching(/^2026-11-24T12:00:00/),
      },
    ]);
  });

  it("twice with the same clientMessageId stores it once and says so", async () => {
    const first = await answerOf(await post({ clientMessageId: "c1", text: "Hello" }), messageSchemas.sent);
    const again = await post({ clientMessageId: "c1", text: "Hello, again" });
    expect(again.status).toBe(200);
    expect(await answerOf(again, messageSchemas.sent)).toEqual({ ...first, duplicate: true });
    expect(textsOf(await alice.history(id))).toEqual(["Hello"]);
  });

  it("leaves everybody their own clientMessageIds", async () => {
    await alice.send(id, "Hello", { clientMessageId: "c1" });
    expect(await bob.send(id, "Bonjour", { clientMessageId: "c1" })).toMatchObject({ offset: 2, duplicate: false });
  });

  it("answers a message of the conversation", async () => {
    const { messageId } = await alice.send(id, "Hello");
    await bob.send(id, "Bonjour", { replyTo: messageId });
    expect((await alice.history(id)).messages.map(({ replyTo }) => replyTo)).toEqual(["", messageId]);
  });

  it("takes a text of 10,000 characters", async () => {
    await alice.send(id, "x".repeat(10_000));
    expect(textsOf(await bob.history(id))).toEqual(["x".repeat(10_000)]);
  });

  it.each([
    ["an empty text", { text: "" }, "message_empty"],
    ["a text of white space", { text: " \n\t " }, "message_empty"],
    ["a text of 10,001 characters", { text: "x".repeat(10_001) }, "message_too_long"],
    ["a text with NUL in it", { text: "a\0b" }, "message_invalid"],
    ["an unknown language", { language: "tlh" }, "language_unknown"],
    ["an empty clientMessageId", { clientMessageId: "" }, "client_message_id_invalid"],
    ["a clientMessageId of 65 characters", { clientMessageId: "c".repeat(65) }, "client_message_id_invalid"],
    ["a clientMessageId over two lines", { clientMessageId: "c\n1" }, "client_message_id_invalid"],
    ["a reply to an unknown message", { replyTo: uuidv7() }, "reply_not_found"],
    ["a reply to what is no id", { replyTo: "'; drop table messages" }, "reply_not_found"],
  ])("refuses %s and stores nothing", async (_, change, code) => {
    const body = { clientMessageId: "c1", text: "Hello", ...change };
    expect((await problemOf(await post(body))).code).toBe(code);
    expect(await alice.history(id)).toEqual({ messages: [], hasMore: false });
    expect(await alice.send(id, "Hello", { clientMessageId: "c1" })).toMatchObject({ offset: 1, duplicate: false });
  });

  it("does not answer a message of another conversation", async () => {
    const elsewhere = await alice.send(await conversationOf(alice), "Secret");
    const response = await post({ clientMessageId: "c1", text: "Hello", replyTo: elsewhere.messageId });
    expect((await problemOf(response)).code).toBe("reply_not_found");
  });

  it("too fast is refused with the time to wait, and works then", async () => {
    for (let n = 0; n < 60; n++) {
      api
        .room(id)
        .send({ ...alice.user, userId: alice.user.id, role: "owner" }, { clientMessageId: `c${n}`, text: "x" });
    }
    const refused = await post({ clientMessageId: "late", text: "Hello" });
    expect(refused.headers.get("retry-after")).toBe("1");
    const { code, retryAfterMs = 0 } = await problemOf(refused);
    expect(code).toBe("rate_limited");
    expect(retryAfterMs).toBeGreaterThan(0);
    api.clock.now += retryAfterMs;
    expect(await alice.send(id, "Hello", { clientMessageId: "late" })).toMatchObject({ offset: 61, duplicate: false });
  });
});

describe("history", () => {
  it("goes back page by page, oldest first within each", async () => {
    for (const text of ["1", "2", "3", "4", "5"]) await alice.send(id, text);
    const pages: string[][] = [];
    let before: number | undefined;
    let hasMore = true;
    while (hasMore) {
      const page = await bob.history(id, { limit: 2, before });
      pages.push(textsOf(page));
      before = page.messages[0]?.offset;
      hasMore = page.hasMore;
    }
    expect(pages).toEqual([["4", "5"], ["2", "3"], ["1"]]);
  });

  it("goes on from the database, with the reader's translations, where the room's own messages end", async () => {
    api = newApi({}, { keptMessages: 3 });
    [alice, bob] = [await api.signUp("Alice", "en"), await api.signUp("Bob", "fr")];
    id = await conversationOf(alice, bob);
    await bob.connect(id);
    for (let n = 1; n <= 9; n++) await alice.send(id, `${n}`);
    await vi.waitFor(async () => expect((await bob.history(id)).messages.at(-1)?.translations).toHaveLength(1));
    await api.drain(id);
    const newest = await bob.history(id, { limit: 2 });
    expect(textsOf(newest)).toEqual(["8", "9"]);
    const older = await bob.history(id, { limit: 4, before: newest.messages[0]?.offset });
    expect(textsOf(older)).toEqual(["4", "5", "6", "7"]);
    expect(older.messages.map(({ translations }) => translations[0]?.text)).toEqual(
      ["4", "5", "6", "7"].map((text) => `fr: ${text}`),
    );
    const oldest = await bob.history(id, { limit: 4, before: older.messages[0]?.offset });
    expect([textsOf(oldest), oldest.hasMore]).toEqual([["1", "2", "3"], false]);
  });

  it("comes in each reader's language, once it is translated", async () => {
    const { messageId } = await alice.send(id, "Hello");
    await vi.waitFor(async () => {
      const [message] = (await bob.history(id)).messages;
      expect(message?.translations).toMatchObject([
        {
          messageId,
          revision: 1,
          language: "fr",
          text: "fr: Hello",
          status: "TRANSLATION_STATUS_TRANSLATED",
          provenance: { sourceLanguage: "en", engine: "test" },
        },
      ]);
    });
    const [original] = (await alice.history(id)).messages;
    expect(original?.translations.map(({ text }) => text).join()).toBe("");
  });

  it("shows an edit, and of a deleted message only that there was one", async () => {
    const [edited, deleted] = [await alice.send(id, "Helo"), await alice.send(id, "Secret")];
    const room = await alice.connect(id);
    const emit = (event: object) => api.room(id).receive(room, JSON.stringify([event]));
    emit({ "message:edit": { clientMessageId: "e", messageId: edited.messageId, text: "Hello" } });
    emit({ "message:delete": { clientMessageId: "d", messageId: deleted.messageId } });
    const { messages } = await bob.history(id);
    expect(messages).toMatchObject([
      { text: "Hello", revision: 2, editedAt: expect.any(String) },
      { text: "", deletedAt: expect.any(String), translations: [] },
    ]);
    expect(messages[0]).not.toHaveProperty("deletedAt");
  });
});
