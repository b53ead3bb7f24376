import type { Archive, RecordedMessage } from "./archive.ts";
import { type Refusal, refuse } from "./error-codes.ts";
import type { ConversationLog } from "./log.ts";
import { type Item, type RefusedRequest, requestId } from "./requests.ts";
import type { Session } from "./roster.ts";
import { checkPage } from "./validate.ts";
import type { Gap } from "./window.ts";
import { within } from "./within.ts";

/** A frame that a session sent, on its way to be handled. */
export interface Gathered {
  readonly session: Session;
  readonly items: readonly Item[];
  /** What it speaks of has been looked for in the system of record. */
  readonly isRecalled?: boolean;
}

/** Milliseconds that the system of record may take; then the request is refused. */
const readMs = 5_000;
/** Milliseconds after which a refused request may be tried again. */
const retryAfterMs = 2_000;
/** Frames of one session that may wait whole; of more, only the refusals wait. */
const mostWaiting = 100;

/** What has to be fetched: messages by id, and runs of messages. */
interface Wanted {
  readonly ids: readonly string[];
  readonly gaps: readonly Gap[];
}

export interface RecallParts {
  readonly log: ConversationLog;
  readonly archive: Pick<Archive, "page" | "find">;
  /** Undefined until the room has been told its name. */
  readonly conversationId: () => string | undefined;
  /** Takes up frames that waited. */
  readonly resume: (frames: readonly Gathered[]) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Fetches messages that have left the room back into it before a request is handled that needs them: what then handles it
 * finds them as if they had never been away. A session's frames keep their order; nobody else waits.
 */
export class Recall {
  readonly #parts: RecallParts;
  readonly #waiting = new Map<Session, Gathered[]>();

  constructor(parts: RecallParts) {
    this.#parts = parts;
  }

  /** Whether a frame has to wait; it comes back through `resume`. */
  holds(frame: Gathered): boolean {
    if (frame.isRecalled === true) return false;
    const waiting = this.#waiting.get(frame.session);
    if (waiting !== undefined) {
      const isTooMuch = waiting.length >= mostWaiting;
      waiting.push(isTooMuch ? { ...frame, items: frame.items.map(refused) } : frame);
      return true;
    }
    const wanted = this.#wantedBy(frame.items);
    if (wanted === undefined) return false;
    this.#waiting.set(frame.session, []);
    void this.#fetch(wanted, (isThere) => {
      const items = isThere
        ? frame.items
        : frame.items.map((item) => (isEmpty(this.#wants(item)) ? item : refused(item)));
      const behind = this.#waiting.get(frame.session) ?? [];
      this.#waiting.delete(frame.session);
      this.#parts.resume([{ ...frame, items, isRecalled: true }, ...behind]);
    });
    return true;
  }

  /** Does work that needs a message (empty: none) here, if it exists; it is told when that cannot be found out. */
  withMessage<T>(id: string, work: (refusal: Refusal | undefined) => T): Promise<T> {
    return this.#with({ ids: this.#missing([id]), gaps: [] }, work);
  }

  /** Does work that needs a page of messages before an offset (0: the newest) here; it is told when that is not possible. */
  withPage<T>(page: Gap, work: (refusal: Refusal | undefined) => T): Promise<T> {
    return this.#with({ ids: [], gaps: this.#gaps(page) }, work);
  }

  async #with<T>(wanted: Wanted, work: (refusal: Refusal | undefined) => T): Promise<T> {
    if (isEmpty(wanted)) return work(undefined);
    return this.#fetch(wanted, (isThere) => work(isThere ? undefined : unavailable));
  }

  /** Calls `then` in the turn in which the messages have come, so that none of them leaves in between; false: none could be read. */
  async #fetch<T>({ ids, gaps }: Wanted, then: (isThere: boolean) => T): Promise<T> {
    const { log, archive, conversationId, failed } = this.#parts;
    const id = conversationId() ?? "";
    const reads = gaps.map(({ before, limit }) => archive.page(id, before, limit));
    if (ids.length > 0) reads.push(archive.find(id, ids));
    let found: readonly RecordedMessage[][];
    try {
      found = await log.window.reading(() => within(readMs, Promise.all(reads)));
    } catch (error) {
      failed(error);
      return then(false);
    }
    log.window.adopt(found.flat());
    try {
      return then(true);
    } finally {
      // Guests that nothing waits for leave again.
      log.trim();
    }
  }

  #wantedBy(items: readonly Item[]): Wanted | undefined {
    if (this.#parts.log.window.released === 0) return undefined;
    const wants = items.map((item) => this.#wants(item));
    const wanted = { ids: wants.flatMap(({ ids }) => ids), gaps: wants.flatMap(({ gaps }) => gaps) };
    return isEmpty(wanted) ? undefined : wanted;
  }

  #wants(item: Item): Wanted {
    if (typeof item === "string" || "refusal" in item) return nothing;
    const { event } = item;
    switch (event.case) {
      case "messageSend":
        return { ...nothing, ids: this.#missing([event.value.replyTo]) };
      case "messageEdit":
      case "messageDelete":
      case "messageReaction":
      case "messagePin":
        return { ...nothing, ids: this.#missing([event.value.messageId]) };
      case "sync": {
        const checked = checkPage(event.value);
        return checked.ok ? { ...nothing, gaps: this.#gaps(checked.value) } : nothing;
      }
      default:
        return nothing;
    }
  }

  #missing(ids: readonly string[]): string[] {
    const { log } = this.#parts;
    if (log.window.released === 0 || ids.every((id) => id === "")) return [];
    // What was written in this turn is here too.
    log.flush();
    return log.window.missing(ids);
  }

  /** The newest page is what is here: who connects never waits for the system of record. */
  #gaps(page: Gap): Gap[] {
    const gap = page.before > 0 ? this.#parts.log.window.gap(page) : undefined;
    return gap === undefined ? [] : [gap];
  }
}

const nothing: Wanted = { ids: [], gaps: [] };

const isEmpty = ({ ids, gaps }: Wanted): boolean => ids.length === 0 && gaps.length === 0;

const unavailable = refuse("history_unavailable", retryAfterMs);

/** An event as it is refused when what it needs cannot be read. */
const refused = (item: Item): Item =>
  typeof item === "string" || "refusal" in item
    ? item
    : ({ refusal: unavailable, clientMessageId: requestId(item) } satisfies RefusedRequest);
