import type { Database } from "./database.ts";
import type { LogEntry } from "./event-table.ts";
import type { ConversationLog } from "./log.ts";
import { readFact, writeFact } from "./schema.ts";

/** Whether a conversation is translated: it is until its owner or an admin turns that off, and again once they turn it on. */
export class TranslationSwitch {
  readonly #database: Database;
  readonly #log: ConversationLog;
  #isOn: boolean;

  constructor(database: Database, log: ConversationLog) {
    this.#database = database;
    this.#log = log;
    this.#isOn = readFact(database, "translates") !== "false";
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /**
   * Offset of the event by which it was turned on last; 0: it was never off. What a client was shown before that may lack
   * translations for which nobody has asked.
   */
  get onSince(): number {
    return Number(readFact(this.#database, "translates_since") ?? 0);
  }

  /** Turns it on or off, which is an event of the log; undefined, and nothing happens, when it is so already. */
  turn(on: boolean, at: number): LogEntry | undefined {
    if (on === this.#isOn) return undefined;
    this.#isOn = on;
    writeFact(this.#database, "translates", String(on));
    const entry = this.#log.appendTranslationChange(on, at);
    if (on) writeFact(this.#database, "translates_since", String(entry.offset));
    return entry;
  }
}
