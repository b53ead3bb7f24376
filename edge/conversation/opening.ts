import type { Conversation } from "./conversation.ts";
import { type ErrorCode, errorCodes } from "./error-codes.ts";
import { beginLog, hasLog, type RebuildParts } from "./rebuild.ts";
import { migrate } from "./schema.ts";
import { within } from "./within.ts";

/** Milliseconds that a call waits for a room to be rebuilt; it is refused then, and the rebuilding goes on. */
const patienceMs = 20_000;

const code: ErrorCode = "history_unavailable";

/** How calls are refused that need a room which cannot be opened now. */
export const cannotOpen = {
  ok: false,
  code,
  message: errorCodes[code].message,
  retryAfterMs: 2_000,
} as const;

export interface OpeningParts extends Omit<RebuildParts, "conversationId"> {
  /** Opens the conversation over a database that has a log. */
  readonly open: () => Conversation;
  /** Hears of it when the conversation was opened over a log that was rebuilt. */
  readonly rebuilt: () => void;
  readonly report: (what: string, error: unknown) => void;
}

/** Opens a conversation: at once when its storage holds its log, otherwise after it was begun or rebuilt from the record. */
export class Opening {
  readonly #parts: OpeningParts;
  #conversation: Conversation | undefined;
  #beginning: Promise<void> | undefined;

  constructor(parts: OpeningParts) {
    this.#parts = parts;
    migrate(parts.database);
    if (hasLog(parts.database)) this.#conversation = parts.open();
  }

  /** Undefined until it is open. */
  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  /** Opens the conversation if it is not; undefined when the system of record cannot be read. Never rejects. */
  async ready(conversationId: string): Promise<Conversation | undefined> {
    if (this.#conversation !== undefined) return this.#conversation;
    // One at a time, however long it takes: a second one would take the record over from the first.
    this.#beginning ??= this.#begin(conversationId).finally(() => {
      this.#beginning = undefined;
    });
    try {
      await within(patienceMs, this.#beginning);
    } catch (error) {
      this.#parts.report("The room could not be rebuilt", error);
    }
    return this.#conversation;
  }

  async #begin(conversationId: string): Promise<void> {
    const { open, rebuilt } = this.#parts;
    const isRebuilt = await beginLog({ ...this.#parts, conversationId });
    this.#conversation = open();
    if (isRebuilt) rebuilt();
  }
}
