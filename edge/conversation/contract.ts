export type Role = "owner" | "admin" | "member" | "guest";

/** A member of the conversation, authenticated and authorised by the Worker before the room hears of it. */
export interface Person {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  /** BCP 47 code of the language this person reads. */
  readonly readingLanguage: string;
}

/** What an author asks for with `message:send`. Bounds: docs/protocol.md. */
export interface SendInput {
  readonly clientMessageId: string;
  readonly text: string;
  /** Declared language, BCP 47; absent: detected. */
  readonly language?: string | undefined;
  readonly replyTo?: string | undefined;
}

/** Nothing was done; the codes are those of docs/protocol.md. */
export interface Refused {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  /** 0: waiting does not help. */
  readonly retryAfterMs: number;
}

/** Answer to a send or edit: either the event is durable, or nothing was stored. */
export type SendOutcome =
  | { readonly ok: true; readonly messageId: string; readonly offset: number; readonly duplicate: boolean }
  | Refused;

export interface HistoryQuery {
  /** Only messages created before this offset. */
  readonly before?: number | undefined;
  /** 1 to 100. */
  readonly limit: number;
}

/** Messages as they stand now, oldest first, each a binary `meeshy.v1.Message` with the reader's translations. */
export interface HistoryPage {
  readonly messages: readonly Uint8Array[];
  readonly hasMore: boolean;
}

export type HistoryOutcome = ({ readonly ok: true } & HistoryPage) | Refused;

/** Where the log is: offsets compare only within one epoch. */
export interface LogPosition {
  readonly epoch: string;
  readonly offset: number;
}

/** A frame for sockets of a relay. */
export interface RelaySend {
  readonly to: readonly number[];
  readonly data: string | Uint8Array;
}

/** What the room says to one of its relays in one turn. */
export interface RelayBatch {
  /** Names the life of the room that speaks. */
  readonly life: string;
  /** Whether an earlier life of the room had this relay. */
  readonly isRestored: boolean;
  /** Everything up to this offset was in earlier batches. */
  readonly after: number;
  /** Everything up to this offset is in this one or earlier. */
  readonly upTo: number;
  readonly sends: readonly RelaySend[];
  /** Sockets to be closed after that. */
  readonly closes: readonly { readonly id: number; readonly code: number; readonly reason: string }[];
}

/** Methods of a relay that the room calls. */
export interface RelayApi {
  /** Answers with the sockets among those named that are not there. */
  deliver(batch: RelayBatch): Promise<number[]>;
}

/** What the client behind a relay's socket did. */
export type RelayedAct =
  | {
      readonly kind: "open";
      readonly id: number;
      readonly person: Person;
      readonly protocol: "proto" | "json";
      readonly seen: LogPosition | undefined;
    }
  | { readonly kind: "frame"; readonly id: number; readonly data: string | ArrayBuffer }
  | { readonly kind: "close"; readonly id: number };

/** A text that a message has or had. */
export interface Revision {
  /** From 1; an edit adds one. */
  readonly revision: number;
  readonly text: string;
  /** BCP 47 code that its author declared, or that was found; empty: not known. */
  readonly language: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Methods of the room that the Worker calls. */
export interface RoomApi {
  send(person: Person, input: SendInput): Promise<SendOutcome>;
  history(reader: Person, query: HistoryQuery): Promise<HistoryOutcome>;
  /**
   * The revisions of a message that the system of record may not have yet, the newest always among them, oldest first. Empty:
   * the message was deleted; undefined: there is none of this id.
   */
  revisions(messageId: string): Promise<readonly Revision[] | undefined>;
  /** @param translates whether the conversation is translated; absent, as an older Worker calls: as before */
  membersChanged(
    conversationId: string,
    title: string,
    members: readonly Person[],
    translates?: boolean,
  ): Promise<void>;
  position(): Promise<LogPosition>;
  /** A relay says what its clients did, in order. */
  relayed(relay: string, acts: readonly RelayedAct[]): Promise<void>;
}

/** A logged change on its way to the system of record. Times are milliseconds since the epoch. */
export type LogWrite =
  | {
      readonly kind: "message";
      readonly offset: number;
      readonly messageId: string;
      readonly authorId: string;
      readonly clientMessageId: string;
      readonly text: string;
      /** BCP 47 code; empty: not known yet. */
      readonly language: string;
      /** Empty: answers no message. */
      readonly replyTo: string;
      readonly createdAt: number;
    }
  | {
      readonly kind: "edit";
      readonly offset: number;
      readonly messageId: string;
      readonly revision: number;
      readonly text: string;
      readonly language: string;
      readonly editedAt: number;
    }
  | {
      readonly kind: "reaction";
      readonly offset: number;
      readonly messageId: string;
      readonly userId: string;
      readonly emoji: string;
      readonly removed: boolean;
      readonly at: number;
    }
  | {
      readonly kind: "pin";
      readonly offset: number;
      readonly messageId: string;
      readonly userId: string;
      readonly removed: boolean;
      readonly at: number;
    }
  | { readonly kind: "delete"; readonly offset: number; readonly messageId: string; readonly deletedAt: number }
  | {
      readonly kind: "translation";
      readonly offset: number;
      readonly messageId: string;
      readonly revision: number;
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
      readonly createdAt: number;
    };

/** A run of consecutive log changes of one conversation. Writing a batch twice, or in part and then whole, changes nothing. */
export interface LogBatch {
  readonly conversationId: string;
  readonly epoch: string;
  readonly writes: readonly LogWrite[];
  /** How far members have read: where each stands who has moved. */
  readonly reads?: readonly ReadPosition[] | undefined;
}

/** Up to which offset a member has read. */
export interface ReadPosition {
  readonly userId: string;
  readonly offset: number;
}
