import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ConversationUpdateSchema, type MessagePreviewSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";
import { forEachAtOnce } from "../concurrency.ts";
import { backOff } from "./back-off.ts";
import type { Person } from "./contract.ts";
import type { Database } from "./database.ts";
import type { ConversationLog } from "./log.ts";
import type { Mentions } from "./mentions.ts";
import type { ReadPositions } from "./read-positions.ts";
import type { Roster } from "./roster.ts";
import { readFact, writeFact } from "./schema.ts";
import type { TranslationSwitch } from "./translation-switch.ts";

/** Milliseconds between a change and the word of it: what changes meanwhile goes along. */
const gatherMs = 300;
const retry = { firstMs: 1_000, mostMs: 60_000 };
/** Inboxes told at a time. */
const atOnce = 16;
/** Unread messages that are counted at most. */
const mostUnread = 100;
/** Stands for every member in the list of those who have not been told. */
const everybody = "*";

export interface NotifierParts {
  readonly database: Database;
  readonly log: ConversationLog;
  readonly roster: Roster;
  readonly readPositions: ReadPositions;
  readonly mentions: Mentions;
  readonly translation: Pick<TranslationSwitch, "isOn">;
  readonly now: () => number;
  readonly random: () => number;
  /** Gives a person's inbox a `meeshy.v1.ConversationUpdate`. */
  readonly notify: (userId: string, update: Uint8Array) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/**
 * Tells the inboxes of the members how the conversation stands for each of them: newest message, in their language, and what
 * they have not read, and where it mentions them. An update says it whole, so that one that is lost or repeated does no harm. Who has not been told yet is
 * kept in storage.
 */
export class Notifier {
  readonly #parts: NotifierParts;
  #dueAt: number | undefined;
  #attempts = 0;
  /** Who has not been told, as in storage. */
  #untold: ReadonlySet<string>;

  constructor(parts: NotifierParts) {
    this.#parts = parts;
    const kept = readFact(parts.database, "unnotified") ?? "";
    this.#untold = new Set(kept === "" ? [] : kept.split(" "));
    if (this.#untold.size > 0) this.#dueAt = parts.now() + gatherMs;
  }

  /** When to call `run`, milliseconds since the epoch; undefined: everybody knows. */
  get dueAt(): number | undefined {
    return this.#dueAt;
  }

  /** Something changed for these people; for everybody when none are named. */
  notice(userIds: readonly string[] = [everybody]): void {
    const waiting = this.#untold;
    const news = userIds.filter((userId) => !waiting.has(userId));
    if (news.length > 0) this.#keep([...waiting, ...news]);
    this.#dueAt ??= this.#parts.now() + gatherMs;
  }

  /** Tells everybody who is waiting; whoever cannot be reached is tried again later. Never rejects. */
  async run(): Promise<void> {
    const { roster, now, random, failed } = this.#parts;
    const waiting = this.#untold;
    const members = roster.members();
    const named = members.filter(({ userId }) => waiting.has(everybody) || waiting.has(userId));
    const gone = [...waiting].filter((id) => id !== everybody && !members.some(({ userId }) => userId === id));
    this.#keep([]);
    this.#dueAt = undefined;
    const updates = [
      ...named.map((member) => [member.userId, this.#updateFor(member)] as const),
      ...gone.map((userId) => [userId, this.#encode({ removed: true })] as const),
    ];
    const unreached: string[] = [];
    await forEachAtOnce(updates, atOnce, async ([userId, update]) => {
      try {
        await this.#parts.notify(userId, update);
      } catch (error) {
        unreached.push(userId);
        failed(error);
      }
    });
    if (unreached.length === 0) {
      this.#attempts = 0;
      return;
    }
    this.#attempts += 1;
    this.#keep([...new Set([...this.#untold, ...unreached])]);
    this.#dueAt = now() + backOff(this.#attempts, retry, random);
  }

  #updateFor(member: Person): Uint8Array {
    const { log, readPositions, mentions } = this.#parts;
    const read = readPositions.of(member.userId);
    const preview = this.#preview(member);
    return this.#encode({
      unread: log.messages.countAfter(read, member.userId, mostUnread),
      mentions: mentions.countAfter(read, member.userId, mostUnread),
      ...(preview && { lastMessage: preview }),
    });
  }

  #preview(reader: Person): MessageInitShape<typeof MessagePreviewSchema> | undefined {
    const { log, roster, translation: translationSwitch } = this.#parts;
    const message = log.messages.latest();
    if (message === undefined) return undefined;
    const { id: messageId, authorId } = message;
    const isAsWritten = authorId === reader.userId || !translationSwitch.isOn;
    const translation = isAsWritten ? undefined : log.messages.translation(message, reader.readingLanguage);
    const isTrusted = translation?.status === TranslationStatus.TRANSLATED;
    return {
      messageId,
      authorId,
      authorName: roster.member(authorId)?.displayName ?? "",
      ...(isTrusted
        ? { text: translation.text, language: reader.readingLanguage }
        : { text: message.text, language: message.language }),
      createdAt: timestampFromMs(message.createdAt),
    };
  }

  #encode(update: MessageInitShape<typeof ConversationUpdateSchema>): Uint8Array {
    const { database, log } = this.#parts;
    const conversationId = readFact(database, "conversation") ?? "";
    const title = readFact(database, "title") ?? "";
    const { offset } = log.position;
    return toBinary(
      ConversationUpdateSchema,
      create(ConversationUpdateSchema, { ...update, conversationId, title, offset }),
    );
  }

  #keep(userIds: readonly string[]): void {
    const all = userIds.includes(everybody)
      ? [everybody, ...userIds.filter((id) => id !== everybody && !this.#isMember(id))]
      : userIds;
    writeFact(this.#parts.database, "unnotified", all.join(" "));
    this.#untold = new Set(all);
  }

  #isMember(userId: string): boolean {
    return this.#parts.roster.member(userId) !== undefined;
  }
}
