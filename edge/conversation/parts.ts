import type { Database } from "./database.ts";
import type { Translate } from "./interpreter.ts";
import type { NotifierParts } from "./notifier.ts";
import type { LogSink } from "./outbox.ts";
import type { PacerParts } from "./pacing.ts";
import type { Rate } from "./rate-limit.ts";
import type { Socket } from "./roster.ts";

/** What a conversation is given: storage, sockets, time, and the services it talks to. */
export interface ConversationParts {
  readonly database: Database;
  /** The sockets that were open when the room last lost its memory. */
  readonly sockets: Iterable<{ readonly socket: Socket; readonly attachment: unknown }>;
  readonly sink: LogSink;
  readonly translate: Translate;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  readonly newId: () => string;
  /** Asks for `alarm` to be called at a time; replaces what was asked before. */
  readonly setAlarm: (at: number) => void;
  /** Gives a person's inbox a `meeshy.v1.ConversationUpdate`; undefined: nobody is told. */
  readonly notify?: NotifierParts["notify"] | undefined;
  /** What one person may write; the default is that of rate-limit.ts. */
  readonly writeRate?: Rate | undefined;
  /** Events that the log keeps at least; the default is that of limits.ts. */
  readonly loggedEvents?: number | undefined;
  /** Events that a socket may leave unacknowledged; the default is that of limits.ts. */
  readonly unacknowledgedEvents?: number | undefined;
  /** Events that may wait for the system of record; the default is that of limits.ts. */
  readonly undrainedEvents?: number | undefined;
  /** Gathers frames under load; undefined: each is handled as it comes. */
  readonly pace?: Pick<PacerParts, "load" | "defer"> | undefined;
  /** For what went wrong on our side; never given a message's text. */
  readonly report: (what: string, error: unknown) => void;
}
