import type { Person, ReadPosition } from "./contract.ts";

/** A message as it stands in the system of record, with the translations of its current revision. */
export interface RecordedMessage {
  readonly id: string;
  readonly offset: number;
  readonly authorId: string;
  readonly clientMessageId: string;
  readonly revision: number;
  /** Empty once deleted. */
  readonly text: string;
  /** Empty: not known. */
  readonly language: string;
  readonly replyTo: string | undefined;
  readonly createdAt: Date;
  readonly editedAt: Date | undefined;
  readonly deletedAt: Date | undefined;
  readonly translations: readonly RecordedTranslation[];
  /** In the order in which they were put there; `offset` is that of the event that did. */
  readonly reactions: readonly { readonly emoji: string; readonly userId: string; readonly offset: number }[];
  /** Undefined: it is not pinned. */
  readonly pinnedBy: string | undefined;
  readonly pinnedAt: Date | undefined;
  /** Of the event that pinned it. */
  readonly pinnedOffset: number | undefined;
}

export interface RecordedTranslation {
  readonly language: string;
  readonly text: string;
  /** Name of the TranslationStatus without its prefix, in lower case: "translated". */
  readonly status: string;
  readonly reason: string;
  readonly sourceLanguage: string;
  readonly engine: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly confidence: number;
}

/** Which message a send became. */
export interface RecordedSend {
  readonly authorId: string;
  readonly clientMessageId: string;
  readonly messageId: string;
  readonly offset: number;
}

/** A conversation in the system of record. */
export interface RecordedConversation {
  /** After which its log goes on; 0: nothing was ever written. */
  readonly offset: number;
  readonly title: string;
  /** False: its translation is turned off. */
  readonly translates: boolean;
}

/** The system of record, as the room reads it. Offsets are unique in a conversation: a new log goes on after the old one's. */
export interface Archive {
  /** Up to `limit` messages older than the offset `before` (undefined: the newest), oldest first. */
  page(conversationId: string, before: number | undefined, limit: number): Promise<RecordedMessage[]>;
  /** Those of the messages that are in the conversation, in no particular order. */
  find(conversationId: string, messageIds: readonly string[]): Promise<RecordedMessage[]>;
  /** Every pinned message, oldest first. */
  pinned(conversationId: string): Promise<RecordedMessage[]>;
  /** Up to `limit` sends of messages older than the offset `before`, newest first. */
  sends(conversationId: string, before: number, limit: number): Promise<RecordedSend[]>;
  /** Everybody who is in the conversation now. */
  members(conversationId: string): Promise<readonly Person[]>;
  /** How far those have read who are in the conversation now; without those of whom it was never written. */
  reads(conversationId: string): Promise<readonly ReadPosition[]>;
  /**
   * Begins a new log's part of the record: from then on, nothing more of an earlier log is written. Says how the conversation
   * stands there; undefined when there is none of this id.
   */
  takeOver(conversationId: string, epoch: string): Promise<RecordedConversation | undefined>;
}
