import type { ErrorStatus } from "../errors.ts";

/** Every way in which the room refuses a request: `status` is that of the REST API, `message` says what to do. */
export const errorCodes = {
  malformed_frame: {
    status: 400,
    message: "Send a binary ClientFrame, or over meeshy.v1.json a JSON array of client events.",
  },
  unknown_event: { status: 400, message: "Send one of the client events that docs/protocol.md lists." },
  too_many_events: { status: 400, message: "Send at most 100 events in one frame; none of these was handled." },
  client_message_id_invalid: {
    status: 422,
    message: "Give every request a client_message_id of 1 to 64 characters without control characters.",
  },
  message_empty: { status: 422, message: "Write a text that is not only white space." },
  message_too_long: { status: 422, message: "Shorten the text to at most 10,000 characters." },
  message_invalid: { status: 422, message: "Remove the NUL characters from the text." },
  language_unknown: { status: 422, message: "Declare one of the supported languages, or none to have it detected." },
  reply_not_found: { status: 422, message: "Answer a message of this conversation." },
  message_not_found: { status: 404, message: "Name a message of this conversation." },
  message_deleted: { status: 409, message: "This message was deleted; it can no longer be changed." },
  not_author: { status: 403, message: "Only its author can edit a message." },
  not_allowed: { status: 403, message: "Only its author, an owner or an admin can delete a message." },
  page_invalid: { status: 422, message: "Ask for 1 to 100 messages before an offset of this conversation." },
  connecting_too_fast: { status: 429, message: "Wait before you open another socket; keep the ones you have." },
  reaction_invalid: { status: 422, message: "React with one emoji." },
  too_many_reactions: { status: 409, message: "This message has 32 different reactions already; use one of them." },
  not_draining: {
    status: 503,
    message: "The system of record has not taken this conversation's messages for a long time; try again later.",
  },
  not_permitted: { status: 403, message: "Your role in this conversation does not allow it; ask its owner." },
  too_many_pins: { status: 409, message: "This conversation has 50 pinned messages already; unpin one of them." },
  rate_limited: { status: 429, message: "Slow down and try again after retry_after_ms." },
  internal_error: { status: 500, message: "Something broke on our side; sending the same request again is safe." },
} as const satisfies Record<string, { readonly status: ErrorStatus; readonly message: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** A refused request: nothing was stored. */
export interface Refusal {
  readonly code: ErrorCode;
  /** Milliseconds after which trying again may help; 0 when waiting does not help. */
  readonly retryAfterMs: number;
}

export const refuse = (code: ErrorCode, retryAfterMs = 0): Refusal => ({ code, retryAfterMs });
