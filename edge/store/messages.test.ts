import { beforeEach, describe, expect, it } from "vitest";
import type { LogWrite } from "../conversation/contract.ts";
import { uuidv7 } from "../ids.ts";
import { openStore, type Store } from "./index.ts";
import { createAccount, createConversation, testDatabases } from "./testing.ts";
import type { Account } from "./users.ts";

type Write<Kind extends LogWrite["kind"]> = Extract<LogWrite, { kind: Kind }>;

const at = Date.parse("2026-11-24T12:00:00Z");

describe.each(testDatabases)("messages on $engine", ({ settings }) => {
  let store: Store;
  let author: Account;
  let conversationId: string;
  beforeEach(async () => {
    store = openStore(settings);
    author = await createAccount(store, "alice");
    conversationId = await createConversation(store, [author]);
  });

  const append = (...writes: LogWrite[]) => store.messages.append({ conversationId, epoch: "one", writes });
  const page = (before?: number, limit = 50) => store.messages.page(conversationId, before, limit);
  const message = (offset: number, text: string, changes: Partial<Write<"message">> = {}): Write<"message"> => ({
    kind: "message",
    offset,
    messageId: uuidv7(),
    authorId: author.id,
    clientMessageId: `c${offset}`,
    text,
    language: "en",
    replyTo: "",
    createdAt: at + offset,
    ...changes,
  });
  const edit = (messageId: string, offset: number, revision: number, text: string): Write<"edit"> => ({
    kind: "edit",
    offset,
    messageId,
    revision,
    text,
    language: "en",
    editedAt: at + offset,
  });
  const translation = (messageId: string, offset: number, changes: Partial<Write<"translation">> = {}) =>
    ({
      kind: "translation",
      offset,
      messageId,
      revision: 1,
      language: "fr",
      text: "Bonjour",
      status: "translated",
      reason: "",
      sourceLanguage: "en",
      engine: "onnxruntime",
      model: "embedded",
      modelVersion: "1",
      confidence: 0.5,
      createdAt: at + offset,
      ...changes,
    }) satisfies LogWrite;

  it("come back page by page, oldest first, as they were written", async () => {
    const first = message(1, "Hello 'you' {\"a\": [1]} \\ 👋 مرحبا");
    const others = [message(2, "two", { replyTo: first.messageId }), message(3, "three")];
    await append(first, ...others);
    const all = await page();
    expect(all.map(({ text }) => text)).toEqual([first.text, "two", "three"]);
    expect(all[1]).toEqual({
      id: others[0]?.messageId,
      offset: 2,
      authorId: author.id,
      clientMessageId: "c2",
      revision: 1,
      text: "two",
      language: "en",
      replyTo: first.messageId,
      createdAt: new Date(at + 2),
      editedAt: undefined,
      deletedAt: undefined,
      translations: [],
      reactions: [],
    });
    expect((await page(3, 1)).map(({ text }) => text)).toEqual(["two"]);
  });

  it("stay the same when a batch is written again, in part or after what follows it", async () => {
    const original = message(1, "Hello");
    const { messageId } = original;
    const batch: LogWrite[] = [
      original,
      translation(messageId, 2),
      edit(messageId, 3, 2, "Hello!"),
      edit(messageId, 4, 3, "Hello there"),
      translation(messageId, 5, { revision: 3, text: "Bonjour à vous" }),
    ];
    await append(...batch);
    const before = await page();
    expect(before).toMatchObject([
      { text: "Hello there", revision: 3, editedAt: new Date(at + 4), translations: [{ text: "Bonjour à vous" }] },
    ]);
    await append(...batch);
    await append(...batch.slice(0, 3));
    await append(edit(messageId, 3, 2, "Hello!"));
    expect(await page()).toEqual(before);
  });

  it("keep the later answer when a translation failed first", async () => {
    const original = message(1, "Hello");
    const failed = translation(original.messageId, 2, { status: "failed", text: "", reason: "model_error" });
    const mended = translation(original.messageId, 3);
    await append(original, failed, mended);
    expect(await page()).toMatchObject([{ translations: [{ status: "translated", text: "Bonjour" }] }]);
    await append(original, failed);
    expect(await page()).toMatchObject([{ translations: [{ status: "translated" }] }]);
  });

  it("are erased with their translations when deleted, and nothing that comes late brings them back", async () => {
    const original = message(1, "Secret");
    const { messageId } = original;
    const history: LogWrite[] = [original, translation(messageId, 2), edit(messageId, 3, 2, "Still secret")];
    await append(...history);
    await append({ kind: "delete", offset: 4, messageId, deletedAt: at + 4 });
    await append(...history, edit(messageId, 5, 3, "Back"), translation(messageId, 6, { revision: 2 }));
    expect(await page()).toMatchObject([{ text: "", deletedAt: new Date(at + 4), translations: [] }]);
    expect((await store.conversations.find(conversationId, author.id))?.lastMessage).toBeUndefined();
  });

  it("are stored once per author and client message id, and what follows a second one is passed over", async () => {
    const original = message(1, "Hello");
    const twin = message(2, "Hello", { clientMessageId: original.clientMessageId });
    await append(original, twin, translation(twin.messageId, 3), edit(twin.messageId, 4, 2, "x"));
    expect((await page()).map(({ id }) => id)).toEqual([original.messageId]);
  });

  it("survive characters that PostgreSQL cannot store", async () => {
    await append(message(1, "nul \0 and half \uD83D emoji"));
    expect((await page())[0]?.text).toBe("nul \uFFFD and half \uFFFD emoji");
  });

  it("have the reactions that the last word of each person leaves, in the order in which they came", async () => {
    const other = await createAccount(store, "bob");
    const original = message(1, "Hello");
    const { messageId } = original;
    const reaction = (offset: number, userId: string, emoji: string, removed = false): Write<"reaction"> => ({
      kind: "reaction",
      offset,
      messageId,
      userId,
      emoji,
      removed,
      at: at + offset,
    });
    const [like, love] = [reaction(2, other.id, "👍"), reaction(3, author.id, "❤️")];
    await append(original, like, love, reaction(4, other.id, "👍", true), reaction(5, author.id, "👍"));
    const expected = [
      { emoji: "❤️", userId: author.id },
      { emoji: "👍", userId: author.id },
    ];
    expect((await page())[0]?.reactions).toEqual(expected);
    await append(like, love);
    expect((await page())[0]?.reactions).toEqual(expected);
    await append({ kind: "delete", offset: 6, messageId, deletedAt: at + 6 });
    expect((await page())[0]?.reactions).toEqual([]);
  });

  it("are pinned as the last word on each says, until they are deleted", async () => {
    const other = await createAccount(store, "bob");
    const original = message(1, "Hello");
    const { messageId } = original;
    const pin = (offset: number, userId: string, removed = false): Write<"pin"> => ({
      kind: "pin",
      offset,
      messageId,
      userId,
      removed,
      at: at + offset,
    });
    await append(original, pin(2, other.id));
    expect(await page()).toMatchObject([{ pinnedBy: other.id, pinnedAt: new Date(at + 2) }]);
    await append(pin(3, author.id, true));
    await append(pin(2, other.id));
    expect(await page()).toMatchObject([{ pinnedBy: undefined, pinnedAt: undefined }]);
    await append(pin(4, author.id));
    expect(await page()).toMatchObject([{ pinnedBy: author.id }]);
    await append({ kind: "delete", offset: 5, messageId, deletedAt: at + 5 });
    await append(pin(4, author.id));
    expect(await page()).toMatchObject([{ text: "", pinnedBy: undefined }]);
  });

  it("are stored whole or not at all", async () => {
    await expect(append(message(1, "Hello"), message(2, "x", { authorId: uuidv7() }))).rejects.toThrow(/author/);
    expect(await page()).toEqual([]);
  });

  it("take writers that come at the same time in turn", async () => {
    const batches = Array.from({ length: 5 }, (_, index) => message(index + 1, String(index)));
    await Promise.all([...batches, ...batches].map((write) => append(write)));
    expect((await page()).map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5]);
  });

  it("belong to an epoch: a new log's offsets begin again", async () => {
    await append(message(1, "old"), message(2, "old"));
    const writes = [message(1, "new", { clientMessageId: "n1" })];
    await store.messages.append({ conversationId, epoch: "two", writes });
    expect((await page()).map(({ text }) => text)).toEqual(["new"]);
  });
});
