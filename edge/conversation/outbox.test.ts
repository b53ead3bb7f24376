import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { TranslationSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { LogBatch } from "./contract.ts";
import { ConversationLog } from "./log.ts";
import { Outbox } from "./outbox.ts";
import { ReadPositions } from "./read-positions.ts";
import { nodeDatabase } from "./testing/node-database.ts";

const at = Date.UTC(2026, 10, 24);

function newOutbox(append: (batch: LogBatch) => Promise<void>) {
  const clock = { now: at };
  const database = nodeDatabase();
  const log = new ConversationLog(database, () => "epoch");
  const readPositions = new ReadPositions(database);
  const lags: number[] = [];
  const failures: unknown[] = [];
  const outbox = new Outbox({
    log,
    readPositions,
    sink: { append },
    conversationId: () => "conversation",
    now: () => clock.now,
    random: () => 0,
    observe: { drained: (batch) => lags.push(...batch), failed: (error) => failures.push(error) },
  });
  const post = (id: string) => {
    const message = {
      id,
      authorId: "ana",
      clientMessageId: `c-${id}`,
      text: id,
      language: "",
      replyTo: "",
      createdAt: at,
    };
    const entry = log.appendMessage(message);
    outbox.notice();
    return entry;
  };
  return { clock, log, readPositions, outbox, post, lags, failures };
}

it("is due a moment after the first event, however many follow", () => {
  const { clock, outbox, post } = newOutbox(async () => {});
  expect(outbox.dueAt).toBeUndefined();
  post("a");
  const due = outbox.dueAt;
  clock.now += 100;
  post("b");
  expect(outbox.dueAt).toBe(due);
});

it("moves the drained position only after a batch is in, and waits longer after each failure", async () => {
  let isDown = true;
  const { clock, log, outbox, post, failures } = newOutbox(async () => {
    if (isDown) throw new Error("down");
  });
  post("a");
  await outbox.drain();
  expect(log.drained).toBe(0);
  expect(outbox.dueAt).toBe(clock.now + 500);
  await outbox.drain();
  expect(outbox.dueAt).toBe(clock.now + 1_000);
  expect(failures).toHaveLength(2);
  isDown = false;
  await outbox.drain();
  expect(log.drained).toBe(1);
  expect(outbox.dueAt).toBeUndefined();
});

it("writes a long backlog in order in several batches, and what is added meanwhile as well", async () => {
  const offsets: number[] = [];
  const setup = newOutbox(async ({ writes }) => {
    offsets.push(...writes.map(({ offset }) => offset));
    if (offsets.length === 200) setup.post("late");
  });
  for (let n = 0; n < 450; n++) setup.post(`m${n}`);
  await Promise.all([setup.outbox.drain(), setup.outbox.drain()]);
  expect(offsets).toEqual(Array.from({ length: 451 }, (_, index) => index + 1));
  expect(setup.lags).toHaveLength(451);
});

it("takes along how far people have read, until it is written, and lets it wait when there is nothing else", async () => {
  const batches: LogBatch[] = [];
  let isDown = true;
  const { clock, outbox, post, readPositions } = newOutbox(async (batch) => {
    if (isDown) throw new Error("down");
    batches.push(batch);
  });
  post("a");
  readPositions.advance("ben", 1);
  await outbox.drain();
  isDown = false;
  await outbox.drain();
  expect(batches).toMatchObject([{ writes: [{ offset: 1 }], reads: [{ userId: "ben", offset: 1 }] }]);
  expect(outbox.dueAt).toBeUndefined();
  post("b");
  await outbox.drain();
  expect(batches[1]?.reads).toEqual([]);
  readPositions.advance("ben", 2);
  outbox.notice();
  expect(outbox.dueAt).toBe(clock.now + 10_000);
  post("c");
  expect(outbox.dueAt).toBe(clock.now + 700);
  await outbox.drain();
  readPositions.advance("ben", 3);
  await outbox.drain();
  expect(batches.slice(2)).toMatchObject([
    { writes: [{ offset: 3 }], reads: [{ userId: "ben", offset: 2 }] },
    { writes: [], reads: [{ userId: "ben", offset: 3 }] },
  ]);
});

it("writes again where somebody stands who read on while it was being written", async () => {
  const reads: unknown[] = [];
  const setup = newOutbox(async (batch) => {
    reads.push(batch.reads);
    setup.readPositions.advance("ben", 2);
  });
  setup.post("a");
  setup.post("b");
  setup.readPositions.advance("ben", 1);
  await setup.outbox.drain();
  expect(reads).toEqual([[{ userId: "ben", offset: 1 }], [{ userId: "ben", offset: 2 }]]);
});

it("writes every kind of event with what the system of record needs", async () => {
  const batches: LogBatch[] = [];
  const { log, outbox, post } = newOutbox(async (batch) => {
    batches.push(batch);
  });
  post("a");
  const translation = create(TranslationSchema, {
    messageId: "a",
    revision: 1,
    language: "fr",
    text: "traduit",
    status: TranslationStatus.LOW_CONFIDENCE,
    reason: "unknown_words",
    provenance: { engine: "e", model: "m", modelVersion: "1", sourceLanguage: "en", confidence: 0.5 },
  });
  log.appendTranslation(translation, at + 1);
  const message = log.messages.find("a");
  if (message === undefined) throw new Error("no message");
  log.appendEdit(message, { text: "better", language: "en", clientMessageId: "e" }, at + 2);
  log.appendDelete(message, { authorId: "ana", clientMessageId: "d" }, at + 3);
  outbox.notice();
  await outbox.drain();
  expect(batches).toMatchObject([
    {
      conversationId: "conversation",
      epoch: "epoch",
      writes: [
        { kind: "message", offset: 1, messageId: "a", authorId: "ana", clientMessageId: "c-a", createdAt: at },
        { kind: "translation", offset: 2, messageId: "a", revision: 1, language: "fr", status: "low_confidence" },
        { kind: "edit", offset: 3, messageId: "a", revision: 2, editedAt: at + 2 },
        { kind: "delete", offset: 4, messageId: "a", deletedAt: at + 3 },
      ],
    },
  ]);
});
