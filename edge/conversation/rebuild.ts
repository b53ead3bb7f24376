import type { Archive, RecordedMessage } from "./archive.ts";
import type { Database } from "./database.ts";
import { limits } from "./limits.ts";
import { Mentions } from "./mentions.ts";
import { Messages } from "./messages.ts";
import { Pins } from "./pins.ts";
import { Reactions } from "./reactions.ts";
import { ReadPositions } from "./read-positions.ts";
import { Roster } from "./roster.ts";
import { readFact, writeFact } from "./schema.ts";
import { MessageWindow } from "./window.ts";

/** Messages read at a time: with the longest texts in every language it stays within what Neon answers at once. */
const pageSize = 200;
/** Ids of sends read at a time. */
const sendsAtOnce = 10_000;
/**
 * Offsets left out between the old log and the new one. What had not been written when the old one was lost had offsets too,
 * and inboxes pass over word of an offset lower than what they know.
 */
const skipped = 1_000;

export interface RebuildParts {
  readonly database: Database;
  readonly archive: Archive;
  readonly conversationId: string;
  readonly newEpoch: () => string;
  readonly keptMessages?: number | undefined;
}

/** Whether a room's storage, migrated, holds a log; it does from its first call on, until it is lost. */
export const hasLog = (database: Database): boolean => readFact(database, "epoch") !== undefined;

/**
 * Begins the log of a room whose storage is empty; resolves with whether it was rebuilt. It is when the system of record has
 * messages of this conversation, because the storage was lost then: the newest and the pinned ones come back as they stand, with
 * members, how far they have read, and the ids of every send, and the log goes on under a new epoch after the highest offset written. Its title, and
 * whether it is translated, are the record's either way. Rejects when the record cannot be read; trying again begins anew.
 */
export async function beginLog(parts: RebuildParts): Promise<boolean> {
  const { database, archive, conversationId, newEpoch } = parts;
  const epoch = newEpoch();
  const record = await archive.takeOver(conversationId, epoch);
  const isRebuilt = record !== undefined && record.offset > 0;
  if (isRebuilt) await restore(parts, record.offset + skipped);
  if (record !== undefined) {
    writeFact(database, "title", record.title);
    writeFact(database, "translates", String(record.translates));
  }
  // Last: a room that vanishes before this has no log yet.
  writeFact(database, "epoch", epoch);
  return isRebuilt;
}

async function restore(parts: RebuildParts, offset: number): Promise<void> {
  const { database, archive, conversationId, keptMessages = limits.keptMessages } = parts;
  for (const table of ["messages", "translations", "reactions", "pins", "sends", "mentions", "read_positions"])
    database.all(`DELETE FROM ${table}`);
  const [messages, reactions, pins] = [new Messages(database), new Reactions(database), new Pins(database)];
  const window = new MessageWindow(database, { messages, reactions, pins });
  const mentions = new Mentions(database);
  const members = await archive.members(conversationId);
  const reads = new Map((await archive.reads(conversationId)).map((read) => [read.userId, read.offset]));
  const adopt = (page: readonly RecordedMessage[]) => {
    window.adopt(page);
    for (const message of page) mentions.note(message, () => members);
  };

  let oldest = offset;
  let [count, isEnd] = [0, false];
  while (count < keptMessages && !isEnd) {
    const limit = Math.min(pageSize, keptMessages - count);
    const page = await archive.page(conversationId, oldest, limit);
    adopt(page);
    oldest = page[0]?.offset ?? oldest;
    count += page.length;
    isEnd = page.length < limit;
  }
  adopt(await archive.pinned(conversationId));
  const released = isEnd ? 0 : oldest - 1;

  let before = oldest;
  while (!isEnd) {
    const sends = await archive.sends(conversationId, before, sendsAtOnce);
    window.rememberSends(sends);
    before = sends.at(-1)?.offset ?? before;
    isEnd = sends.length < sendsAtOnce;
  }

  database.transaction(() => {
    new Roster(database, []).replace(members);
    // Of whom nothing is known, they are not told of unread messages that they may well have seen.
    const positions = new ReadPositions(database);
    for (const { userId } of members) positions.advance(userId, reads.get(userId) ?? offset);
    positions.markWritten([...reads].map(([userId, read]) => ({ userId, offset: read })));
    writeFact(database, "conversation", conversationId);
    writeFact(database, "released", String(released));
    writeFact(database, "trimmed", String(offset));
    writeFact(database, "drained", String(offset));
  });
}
