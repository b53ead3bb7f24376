import { expect, it } from "vitest";
import { ConversationLog } from "./log.ts";
import type { StoredMessage } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import { ReadPositions } from "./read-positions.ts";
import { nodeDatabase } from "./testing/node-database.ts";
import { RecordInMemory } from "./testing/record.ts";

const keep = 5;

/** A log that keeps few messages, with a record that its outbox writes. */
function newLog() {
  const database = nodeDatabase();
  const record = new RecordInMemory();
  const log = new ConversationLog(database, () => "epoch", undefined, keep);
  const outbox = new Outbox({
    log,
    readPositions: new ReadPositions(database),
    sink: record,
    conversationId: () => "conversation",
    now: () => 0,
    random: () => 0,
    observe: { drained: () => {}, failed: () => {} },
  });
  const post = (count: number) => {
    for (let n = log.position.offset + 1; count > 0; n++, count--) {
      const message = { id: `m${n}`, authorId: "ana", clientMessageId: `c${n}`, text: `text ${n}`, createdAt: n };
      log.appendMessage({ ...message, language: "en", replyTo: "" });
    }
  };
  const held = () => log.messages.page(0, 100).messages.map(({ id }) => id);
  const message = (id: string): StoredMessage => {
    const found = log.messages.find(id);
    if (found === undefined) throw new Error(`no message ${id}`);
    return found;
  };
  const fetch = async (id: string) => log.window.adopt(await record.find("conversation", [id]));
  return { database, record, log, outbox, post, held, message, fetch };
}

it("lets go the oldest messages once they are written, and keeps the newest", async () => {
  const { log, outbox, post, held, record } = newLog();
  post(12);
  log.trim();
  expect(held()).toHaveLength(12);
  await outbox.drain();
  expect(held()).toEqual(["m8", "m9", "m10", "m11", "m12"]);
  expect(record.messages).toHaveLength(12);
  expect(log.window.released).toBe(7);
  expect(log.window.missing(["m1", "m12", "nobody", ""])).toEqual(["m1", "nobody"]);
});

it("still recognises the sends of messages that have left", async () => {
  const { log, outbox, post, database } = newLog();
  post(12);
  await outbox.drain();
  expect(log.answered("ana", "c3")).toEqual({ messageId: "m3", offset: 3 });
  log.recall([{ authorId: "ana", clientMessageId: "c4" }]);
  expect(log.answered("ana", "c4")).toEqual({ messageId: "m4", offset: 4 });
  expect(log.answered("ben", "c3")).toBeUndefined();
  expect(new ConversationLog(database, () => "other", undefined, keep).window.released).toBe(7);
});

it("keeps a message whose change is not written yet, or whose translation is awaited", async () => {
  const { database, log, outbox, post, held, message, fetch } = newLog();
  post(12);
  await outbox.drain();
  await fetch("m1");
  await fetch("m2");
  log.appendEdit(message("m1"), { text: "better", language: "en", clientMessageId: "e" }, 13);
  database.all("INSERT INTO pending_translations VALUES ('m2', 'fr', 1, 0, 0, 0)");
  log.trim();
  expect(held().slice(0, 2)).toEqual(["m1", "m2"]);
  await outbox.drain();
  expect(held().slice(0, 2)).toEqual(["m2", "m8"]);
  await fetch("m1");
  expect(message("m1")).toMatchObject({ text: "better", revision: 2 });
});

it("keeps what is pinned for as long as it is, and tells it apart from the newest", async () => {
  const { log, outbox, post, held, message } = newLog();
  const pin = (removed: boolean) =>
    log.appendPin(message("m1"), { userId: "ben", removed, clientMessageId: `p${removed}` }, 5);
  post(2);
  pin(false);
  post(12);
  await outbox.drain();
  expect(held()[0]).toBe("m1");
  expect(log.messages.pinnedBefore(log.position.offset).map(({ id }) => id)).toEqual(["m1"]);
  expect(log.page(0, 100)).toMatchObject({ hasMore: true, messages: { length: keep } });
  pin(true);
  log.trim();
  expect(held()[0]).toBe("m1");
  await outbox.drain();
  expect(held()).toHaveLength(keep);
});

it("knows better of what is here than the record", async () => {
  const { log, outbox, post, message, fetch } = newLog();
  post(12);
  await outbox.drain();
  await fetch("m1");
  log.appendEdit(message("m1"), { text: "better", language: "en", clientMessageId: "e" }, 13);
  await fetch("m1");
  expect(message("m1").text).toBe("better");
});

it("lets nothing go while somebody reads the record", async () => {
  const { log, outbox, post, held } = newLog();
  post(12);
  await log.window.reading(async () => {
    await outbox.drain();
    expect(held()).toHaveLength(12);
  });
  log.trim();
  expect(held()).toHaveLength(keep);
});

it("takes the language that was found out from a message's translations", async () => {
  const { log, record, fetch } = newLog();
  const message = { kind: "message", offset: 1, messageId: "m1", authorId: "ana", clientMessageId: "c1" } as const;
  const provenance = { sourceLanguage: "en", engine: "e", model: "m", modelVersion: "1", confidence: 0.5 };
  const translation = { messageId: "m1", revision: 1, language: "fr", text: "Salut", status: "translated", reason: "" };
  await record.append({
    conversationId: "conversation",
    epoch: "epoch",
    writes: [
      { ...message, text: "Hi", language: "", replyTo: "", createdAt: 1 },
      { kind: "translation", offset: 2, ...translation, ...provenance, createdAt: 2 },
    ],
  });
  await fetch("m1");
  expect(log.messages.find("m1")?.language).toBe("en");
});
