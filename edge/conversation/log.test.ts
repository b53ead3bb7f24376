import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { TranslationSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { decodeServerFrame } from "./frames.ts";
import { ConversationLog } from "./log.ts";
import type { StoredMessage } from "./messages.ts";
import { nodeDatabase } from "./testing/node-database.ts";

const now = Date.UTC(2026, 10, 24);

function newLog() {
  const database = nodeDatabase();
  const open = () => new ConversationLog(database, () => crypto.randomUUID());
  const log = open();
  const post = (id: string, text = `text of ${id}`) =>
    log.appendMessage({
      id,
      authorId: "ana",
      clientMessageId: `c-${id}`,
      text,
      language: "",
      replyTo: "",
      createdAt: now,
    });
  const message = (id: string): StoredMessage => {
    const found = log.messages.find(id);
    if (found === undefined) throw new Error(`no message ${id}`);
    return found;
  };
  const translation = (messageId: string, revision: number, language = "fr") =>
    create(TranslationSchema, {
      messageId,
      revision,
      language,
      text: "traduit",
      status: TranslationStatus.TRANSLATED,
    });
  return { database, open, log, post, message, translation };
}

const kinds = (log: ConversationLog, after = 0) =>
  log.since(after, 1_000).map(({ frame }) => decodeServerFrame(frame)[0]?.event.case);

it("numbers every change from 1 without gaps and keeps epoch and offset when opened again", () => {
  const { log, open, post, message, translation } = newLog();
  post("a");
  log.appendTranslation(translation("a", 1), now);
  log.appendEdit(message("a"), { text: "better", language: "en", clientMessageId: "e" }, now);
  log.appendDelete(message("a"), { authorId: "ana", clientMessageId: "d" }, now);
  expect(log.since(0, 100).map(({ offset }) => offset)).toEqual([1, 2, 3, 4]);
  expect(kinds(log, 1)).toEqual(["messageTranslation", "messageEdit", "messageDelete"]);
  expect(open().position).toEqual(log.position);
  expect(log.position.offset).toBe(4);
});

it("remembers what each request did", () => {
  const { log, post } = newLog();
  post("a");
  expect(log.answered("ana", "c-a")).toEqual({ messageId: "a", offset: 1 });
  expect(log.answered("ben", "c-a")).toBeUndefined();
});

it("looks up many requests at once, those of this turn among them", () => {
  const { log, post } = newLog();
  for (let n = 0; n < 20; n++) post(`m${n}`);
  log.flush();
  const requests = Array.from({ length: 25 }, (_, n) => ({ authorId: "ana", clientMessageId: `c-m${n}` }));
  log.recall(requests);
  expect(requests.map(({ authorId, clientMessageId }) => log.answered(authorId, clientMessageId)?.offset)).toEqual(
    requests.map((_, n) => (n < 20 ? n + 1 : undefined)),
  );
  post("m22");
  expect(log.answered("ana", "c-m22")).toEqual({ messageId: "m22", offset: 21 });
});

it("stores nothing of an append that fails, and the next one takes its offset", () => {
  const { log, post } = newLog();
  post("a");
  log.flush();
  post("a");
  expect(log.position.offset).toBe(2);
  expect(() => log.flush()).toThrow();
  expect(log.position.offset).toBe(1);
  expect(() => log.endTurn()).toThrow();
  post("b");
  log.endTurn();
  expect(log.since(0, 100).map(({ offset }) => offset)).toEqual([1, 2]);
});

it("refuses a translation of an earlier revision, of a deleted and of an unknown message", () => {
  const { log, post, message, translation } = newLog();
  post("a");
  log.appendEdit(message("a"), { text: "better", language: "", clientMessageId: "e" }, now);
  expect(log.appendTranslation(translation("a", 1), now)).toBeUndefined();
  expect(log.appendTranslation(translation("a", 2), now)).toBeDefined();
  log.appendDelete(message("a"), { authorId: "ana", clientMessageId: "d" }, now);
  expect(log.appendTranslation(translation("a", 2, "de"), now)).toBeUndefined();
  expect(log.appendTranslation(translation("nobody", 1), now)).toBeUndefined();
  expect(log.position.offset).toBe(4);
});

it("forgets the translations of a message that was edited", () => {
  const { log, post, message, translation } = newLog();
  post("a");
  log.appendTranslation(translation("a", 1), now);
  expect(log.messages.translation(message("a"), "fr")?.text).toBe("traduit");
  log.appendEdit(message("a"), { text: "better", language: "", clientMessageId: "e" }, now);
  expect(log.messages.translation(message("a"), "fr")).toBeUndefined();
});

it("takes the text of a deleted message out of the events that were logged before", () => {
  const { database, log, post, message, translation } = newLog();
  post("a", "a secret");
  log.appendTranslation(translation("a", 1), now);
  log.appendEdit(message("a"), { text: "a secret still", language: "", clientMessageId: "e" }, now);
  log.appendDelete(message("a"), { authorId: "ana", clientMessageId: "d" }, now);
  expect(kinds(log)).toEqual(["messageReceive", "messageTranslation", "messageEdit", "messageDelete"]);
  const everything = JSON.stringify(database.all("SELECT * FROM messages"));
  const logged = log.since(0, 100).map(({ frame }) => new TextDecoder().decode(frame));
  for (const text of [everything, ...logged]) expect(text).not.toMatch(/secret|traduit/);
});

it("pages backwards through messages as they stand", () => {
  const { log, post, message } = newLog();
  for (const id of ["a", "b", "c", "d", "e"]) post(id);
  log.appendEdit(message("b"), { text: "b, edited", language: "", clientMessageId: "e" }, now);
  const newest = log.messages.page(0, 2);
  expect(newest.messages.map(({ id }) => id)).toEqual(["d", "e"]);
  expect(newest.hasMore).toBe(true);
  const oldest = log.messages.page(4, 3);
  expect(oldest.messages.map(({ text }) => text)).toEqual(["text of a", "b, edited", "text of c"]);
  expect(oldest.hasMore).toBe(false);
});

it("learns a language once, and only for the revision it was found in", () => {
  const { log, post, message } = newLog();
  post("a");
  log.learnLanguage("a", 2, "de");
  expect(message("a").language).toBe("");
  log.learnLanguage("a", 1, "en");
  log.learnLanguage("a", 1, "de");
  expect(message("a").language).toBe("en");
});

it("never moves the drained position back", () => {
  const { log, open } = newLog();
  log.markDrained(5);
  log.markDrained(3);
  expect(log.drained).toBe(5);
  expect(open().drained).toBe(5);
});

it("lets old events go once the system of record has them, and still recognises what was sent then", () => {
  const database = nodeDatabase();
  const log = new ConversationLog(database, () => "epoch", 20);
  const send = (n: number) =>
    log.appendMessage({
      id: `m${n}`,
      authorId: "ana",
      clientMessageId: `c${n}`,
      text: "x",
      language: "en",
      replyTo: "",
      createdAt: n,
    });
  for (let n = 1; n <= 50; n++) send(n);
  log.trim();
  expect(log.trimmed).toBe(0);
  log.markDrained(25);
  log.trim();
  expect(log.trimmed).toBe(25);
  log.markDrained(50);
  log.trim();
  expect(log.since(0, 100).map(({ offset }) => offset)).toEqual(Array.from({ length: 20 }, (_, index) => index + 31));
  expect(log.answered("ana", "c1")).toEqual({ messageId: "m1", offset: 1 });
  const again = new ConversationLog(database, () => "other", 20);
  expect([again.epoch, again.trimmed, again.position.offset]).toEqual(["epoch", 30, 50]);
});
