/** Bounds of the protocol. docs/protocol.md states them; a test keeps the two equal. */
export const limits = {
  /** UTF-16 code units of a message's text. */
  textLength: 10_000,
  /** UTF-16 code units of a client message id. */
  clientMessageIdLength: 64,
  /** Bytes of one frame from a client. The longest text fits, even when JSON escapes every character. */
  frameBytes: 65_536,
  /** Events in one frame from a client. */
  eventsPerFrame: 100,
  /** Malformed frames on one socket until it is closed. */
  malformedFrames: 20,
  /** Messages in one page of history. */
  pageSize: 100,
  defaultPageSize: 50,
  /** Events that the log keeps at least; older ones go once the system of record has them. */
  loggedEvents: 20_000,
  /** Events that may wait for the system of record until no more are taken: hours of a busy conversation. */
  undrainedEvents: 200_000,
  /** Events that a recovery sends at most; who missed more gets a sync. */
  recoveredEvents: 1_000,
  /** Events of the log that a socket may leave unacknowledged until it is closed: it is too slow, or its peer is gone. */
  unacknowledgedEvents: 10_000,
  /** Different emoji on one message. */
  reactionsPerMessage: 32,
  /** Pinned messages in one conversation. */
  pinsPerConversation: 50,
  /** Sockets of one person in one conversation; one more closes the oldest. */
  socketsPerPerson: 16,
} as const;

/** The subprotocols of the socket. */
export const subprotocols = { proto: "meeshy.v1.proto", json: "meeshy.v1.json" } as const;

export type Protocol = keyof typeof subprotocols;
