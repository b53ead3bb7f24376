import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { Message, SyncRequest } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import type { LogPosition, Person } from "./contract.ts";
import type { Database } from "./database.ts";
import type { Refusal } from "./error-codes.ts";
import type { Outgoing } from "./fanout.ts";
import { encodeEvent } from "./frames.ts";
import type { LastSeen } from "./last-seen.ts";
import { limits } from "./limits.ts";
import type { ConversationLog } from "./log.ts";
import { messageFor, type StoredMessage } from "./messages.ts";
import type { ReadPositions } from "./read-positions.ts";
import { canRecover } from "./recovery.ts";
import type { Roster } from "./roster.ts";
import { readFact } from "./schema.ts";
import type { TranslationSwitch } from "./translation-switch.ts";
import { checkPage } from "./validate.ts";

export interface ViewParts {
  readonly database: Database;
  readonly log: ConversationLog;
  readonly roster: Roster;
  readonly readPositions: ReadPositions;
  readonly lastSeen: LastSeen;
  readonly translation: Pick<TranslationSwitch, "isOn" | "onSince">;
  /** Asks for the translations that these messages lack in these languages. */
  readonly want: (messages: readonly StoredMessage[], languages: readonly string[]) => void;
}

/** What one reader is shown of the conversation: where the log is, what they missed, pages of messages in their language. */
export class Views {
  readonly #parts: ViewParts;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  /** What of the log can make a client whole that was away. */
  get #recoverable() {
    const { log, translation } = this.#parts;
    return { ...log.position, trimmed: Math.max(log.trimmed, translation.onSince) };
  }

  /** The offset from which a socket that opens with this position is served: what lies before it needs no acknowledgement. */
  startOf(seen: LogPosition | undefined): number {
    return canRecover(seen, this.#recoverable) ? seen.offset : this.#parts.log.position.offset;
  }

  /** `connection`, then precisely what was missed since a position, or a sync: never a part of it. */
  catchUp(reader: Person, seen: LogPosition | undefined): Outgoing[] {
    const { log, roster, database, translation } = this.#parts;
    const position = canRecover(seen, this.#recoverable) ? seen : undefined;
    // What was written or edited meanwhile has to be here: nobody who reads this language may have been, so it is asked for.
    const changed = position && log.changedSince(position.offset);
    const recovered = changed !== undefined;
    const readOffsets = this.#parts.readPositions.all();
    const isOnline = new Set(roster.sessions.map(({ person }) => person.userId));
    const lastSeen = this.#parts.lastSeen.all();
    const whenSeen = (userId: string) => {
      const at = isOnline.has(userId) ? undefined : lastSeen.get(userId);
      return at === undefined ? {} : { lastSeen: timestampFromMs(at) };
    };
    const connection = encodeEvent({
      case: "connection",
      value: {
        conversationId: readFact(database, "conversation") ?? "",
        ...log.position,
        recovered,
        userId: reader.userId,
        title: readFact(database, "title") ?? "",
        translates: translation.isOn,
        members: roster.members().map((member) => ({
          ...member,
          online: isOnline.has(member.userId),
          readOffset: readOffsets.get(member.userId) ?? 0,
          ...whenSeen(member.userId),
        })),
      },
    });
    // The newest page is on the reader's screen either way, so what it lacks in their language is asked for either way.
    const page = this.page(reader, 0);
    const missed = position && changed ? log.since(position.offset, limits.recoveredEvents) : [page];
    if (changed !== undefined) this.#parts.want(changed, [reader.readingLanguage]);
    return [{ frame: connection, language: "" }, ...missed];
  }

  /** Answers a `sync`: by position as on a new socket, otherwise with a page. */
  sync(reader: Person, request: SyncRequest): Outgoing[] | Refusal {
    const checked = checkPage(request);
    if (!checked.ok) return checked.refusal;
    const { before, limit } = checked.value;
    if (before > 0 || request.epoch === "") return [this.page(reader, before, limit)];
    return this.catchUp(reader, request);
  }

  /** A `sync` event with the messages before an offset (0: the newest). */
  page(reader: Pick<Person, "readingLanguage">, before: number, limit: number = limits.defaultPageSize): Outgoing {
    const { log } = this.#parts;
    const { messages, hasMore } = log.page(before, limit);
    const pinned = before > 0 ? [] : log.messages.pinnedBefore(messages[0]?.offset ?? 0);
    const [shown, older] = [this.messages(reader, messages), this.messages(reader, pinned)];
    const value = { ...log.position, before, hasMore, messages: shown, pinned: older };
    return { frame: encodeEvent({ case: "sync", value }), language: "" };
  }

  /** Messages as this reader sees them now. */
  messages({ readingLanguage }: Pick<Person, "readingLanguage">, messages: readonly StoredMessage[]): Message[] {
    this.#parts.want(messages, [readingLanguage]);
    return messages.map((message) => messageFor({ language: readingLanguage }, message, this.#parts.log));
  }
}
