import { describe, expect, it } from "vitest";
import type { Archive } from "../conversation/archive.ts";
import type { LogWrite } from "../conversation/contract.ts";
import type { LogSink } from "../conversation/outbox.ts";
import { RecordInMemory } from "../conversation/testing/record.ts";
import { uuidv7 } from "../ids.ts";
import { openStore } from "./index.ts";
import { createAccount, createConversation, testDatabases } from "./testing.ts";

const at = Date.parse("2026-11-24T12:00:00Z");

/** A conversation of one person in a record of its own. */
interface Setup {
  readonly record: Omit<Archive, "members"> & LogSink;
  readonly conversationId: string;
  readonly authorId: string;
}

const records: readonly { readonly name: string; readonly open: () => Promise<Setup> }[] = [
  ...testDatabases.map(({ engine, settings }) => ({
    name: engine,
    async open() {
      const store = openStore(settings);
      const author = await createAccount(store, "alice");
      const conversationId = await createConversation(store, [author]);
      return { record: store.messages, conversationId, authorId: author.id };
    },
  })),
  {
    name: "memory",
    async open() {
      const [record, authorId] = [new RecordInMemory("Weekend"), uuidv7()];
      const name = { username: "alice", displayName: "Alice" };
      record.people = [{ userId: authorId, ...name, readingLanguage: "en", role: "owner" }];
      return { record, conversationId: uuidv7(), authorId };
    },
  },
];

describe.each(records)("what rooms wrote, read from $name", ({ open }) => {
  async function written(count: number) {
    const { record, conversationId, authorId } = await open();
    const message = (offset: number): LogWrite & { kind: "message" } => ({
      kind: "message",
      offset,
      messageId: uuidv7(),
      authorId,
      clientMessageId: `c${offset}`,
      text: `message ${offset}`,
      language: "",
      replyTo: "",
      createdAt: at + offset,
    });
    const append = (epoch: string, ...writes: LogWrite[]) => record.append({ conversationId, epoch, writes });
    const messages = Array.from({ length: count }, (_, index) => message(index + 1));
    await append("one", ...messages);
    return { record, conversationId, authorId, message, append, messages };
  }

  it("is found by id, with translations of the current revision and reactions, and only what is there", async () => {
    const { record, conversationId, authorId, append, messages } = await written(3);
    const messageId = messages[1]?.messageId ?? "";
    const translation = (revision: number, offset: number, text: string): LogWrite => ({
      kind: "translation",
      offset,
      messageId,
      revision,
      language: "fr",
      text,
      status: "translated",
      reason: "",
      sourceLanguage: "en",
      engine: "onnxruntime",
      model: "embedded",
      modelVersion: "1",
      confidence: 0.5,
      createdAt: at + offset,
    });
    await append(
      "one",
      translation(1, 4, "ancien"),
      { kind: "edit", offset: 5, messageId, revision: 2, text: "new", language: "en", editedAt: at + 5 },
      translation(2, 6, "nouveau"),
      { kind: "reaction", offset: 7, messageId, userId: authorId, emoji: "👍", removed: false, at: at + 7 },
    );
    const found = await record.find(conversationId, [messageId, uuidv7(), "'; drop table messages"]);
    expect(found).toMatchObject([
      {
        id: messageId,
        offset: 2,
        clientMessageId: "c2",
        revision: 2,
        text: "new",
        editedAt: new Date(at + 5),
        translations: [{ language: "fr", text: "nouveau", status: "translated", sourceLanguage: "en" }],
        reactions: [{ emoji: "👍", userId: authorId, offset: 7 }],
      },
    ]);
    expect(await record.find(conversationId, [])).toEqual([]);
  });

  it("is found by its pin for as long as it has one", async () => {
    const { record, conversationId, authorId, append, messages } = await written(3);
    const [one = "", two = "", three = ""] = messages.map(({ messageId }) => messageId);
    const pin = (offset: number, messageId: string, removed = false): LogWrite => ({
      kind: "pin",
      offset,
      messageId,
      userId: authorId,
      removed,
      at: at + offset,
    });
    await append("one", pin(4, three), pin(5, one), pin(6, two), pin(7, two, true));
    await append("one", pin(6, two));
    expect(await record.pinned(conversationId)).toMatchObject([
      { id: one, pinnedBy: authorId, pinnedAt: new Date(at + 5), pinnedOffset: 5 },
      { id: three, pinnedBy: authorId, pinnedAt: new Date(at + 4), pinnedOffset: 4 },
    ]);
    await append("one", { kind: "delete", offset: 8, messageId: one, deletedAt: at + 8 });
    expect((await record.pinned(conversationId)).map(({ id }) => id)).toEqual([three]);
  });

  it("tells which sends made which messages, newest first, page by page", async () => {
    const { record, conversationId, authorId, messages } = await written(4);
    const sends = await record.sends(conversationId, 4, 2);
    expect(sends).toMatchObject([
      { authorId, clientMessageId: "c3", messageId: messages[2]?.messageId, offset: 3 },
      { authorId, clientMessageId: "c2", messageId: messages[1]?.messageId, offset: 2 },
    ]);
    expect((await record.sends(conversationId, 2, 2)).map(({ offset }) => offset)).toEqual([1]);
  });

  it("knows how far its members have read, whom nothing takes back", async () => {
    const { record, conversationId, authorId, append, message } = await written(3);
    expect(await record.reads(conversationId)).toEqual([{ userId: authorId, offset: 0 }]);
    const read = (offset: number, ...writes: LogWrite[]) =>
      record.append({
        conversationId,
        epoch: "one",
        writes,
        reads: [
          { userId: authorId, offset },
          { userId: uuidv7(), offset },
        ],
      });
    await read(2);
    await read(1, message(4));
    await append("one", message(5));
    expect(await record.reads(conversationId)).toEqual([{ userId: authorId, offset: 2 }]);
    expect(await record.takeOver(conversationId, "two")).toMatchObject({ offset: 5 });
    await expect(read(3)).rejects.toThrow("This log was replaced by two");
  });

  it("goes on under a new log, whose offsets follow, and takes nothing more of the one it replaced", async () => {
    const { record, conversationId, message, append, messages } = await written(2);
    expect(await record.takeOver(conversationId, "two")).toEqual({ offset: 2, title: "Weekend", translates: true });
    await expect(append("one", message(3))).rejects.toThrow("This log was replaced by two");
    await append("two", message(10));
    const page = await record.page(conversationId, undefined, 10);
    expect(page.map(({ offset }) => offset)).toEqual([1, 2, 10]);
    expect(await record.find(conversationId, [messages[0]?.messageId ?? ""])).toHaveLength(1);
    expect(await record.takeOver(conversationId, "three")).toMatchObject({ offset: 10 });
  });

  it("says of a new conversation that nothing was written", async () => {
    const { record, conversationId } = await open();
    expect(await record.takeOver(conversationId, "one")).toMatchObject({ offset: 0 });
    expect(await record.page(conversationId, undefined, 10)).toEqual([]);
  });
});
