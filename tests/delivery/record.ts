import type { LogBatch, LogWrite } from "../../edge/conversation/contract.ts";

export interface RecordedMessage {
  readonly id: string;
  readonly offset: number;
  revision: number;
  text: string;
  deleted: boolean;
  readonly reactions: Set<string>;
  readonly translations: Map<string, { revision: number; text: string }>;
}

/** What PostgreSQL makes of the outbox's batches, in memory; edge/store/messages.test.ts holds the real one to the same. */
export class SystemOfRecord {
  readonly messages = new Map<string, RecordedMessage>();
  /** Offsets in the order of their first arrival. */
  readonly arrivals: number[] = [];
  readonly #seen = new Set<number>();

  append({ writes }: LogBatch): void {
    for (const write of writes) {
      if (!this.#seen.has(write.offset)) this.arrivals.push(write.offset);
      this.#seen.add(write.offset);
      this.#apply(write);
    }
  }

  #apply(write: LogWrite): void {
    const message = this.messages.get(write.messageId);
    switch (write.kind) {
      case "message":
        if (message === undefined) {
          const { messageId: id, offset, text } = write;
          this.messages.set(id, {
            id,
            offset,
            revision: 1,
            text,
            deleted: false,
            reactions: new Set(),
            translations: new Map(),
          });
        }
        break;
      case "edit":
        if (message !== undefined && !message.deleted && write.revision > message.revision) {
          message.revision = write.revision;
          message.text = write.text;
        }
        break;
      case "delete":
        if (message !== undefined) {
          message.deleted = true;
          message.text = "";
          message.translations.clear();
          message.reactions.clear();
        }
        break;
      case "reaction":
        if (message !== undefined && !message.deleted) {
          const key = `${write.emoji} ${write.userId}`;
          if (write.removed) message.reactions.delete(key);
          else message.reactions.add(key);
        }
        break;
      case "pin":
        // Nobody pins anything in the simulation.
        break;
      case "translation":
        if (message !== undefined && !message.deleted) {
          const { language, revision, text } = write;
          const known = message.translations.get(language);
          if (known === undefined || known.revision <= revision) message.translations.set(language, { revision, text });
        }
    }
  }
}
