import type {
  MessageDeleteRequest,
  MessageEditRequest,
  PinRequest,
  ReactionRequest,
} from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { may } from "../auth/permissions.ts";
import type { Person, Refused, SendInput, SendOutcome } from "./contract.ts";
import { errorCodes, type Refusal, refuse } from "./error-codes.ts";
import type { LogEntry } from "./event-table.ts";
import { limits } from "./limits.ts";
import type { ConversationLog } from "./log.ts";
import type { StoredMessage } from "./messages.ts";
import { checkClientMessageId, checkEmoji, checkSend, checkText } from "./validate.ts";

/** What became of a write: an event in the log, one that was there already, or nothing at all. */
export type Posted =
  | {
      readonly kind: "logged";
      readonly change: Change;
      readonly messageId: string;
      readonly entry: LogEntry;
      /** As it stands now, when there is something new in it to translate. */
      readonly message?: StoredMessage;
    }
  | { readonly kind: "duplicate"; readonly messageId: string; readonly offset: number }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export type Change = "message" | "edit" | "delete" | "reaction" | "pin";

export interface PostingParts {
  readonly log: ConversationLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newId: () => string;
  /** Takes one write from a person's budget: 0, or milliseconds to wait. */
  readonly budget: (userId: string) => number;
  /** Events that may wait for the system of record; the default is that of limits.ts. */
  readonly undrainedEvents?: number | undefined;
}

/** Milliseconds after which a log that is full may have been drained: the longest back-off of the outbox. */
const drainMs = 30_000;

/** Checks and logs a message. */
export function post(parts: PostingParts, author: Person, input: SendInput): Posted {
  const checked = checkSend(input);
  if (!checked.ok) return refused(checked.refusal);
  const { clientMessageId, text, language, replyTo } = checked.value;
  return once(parts, author, clientMessageId, () => {
    if (replyTo !== "" && parts.log.messages.find(replyTo) === undefined) return refused(refuse("reply_not_found"));
    const id = parts.newId();
    const message = { id, authorId: author.userId, clientMessageId, text, language, replyTo, createdAt: parts.now() };
    return { kind: "logged", change: "message", messageId: id, ...parts.log.appendMessage(message) };
  });
}

/** Checks and logs a new revision of the author's own message. */
export function edit(parts: PostingParts, author: Person, request: MessageEditRequest): Posted {
  const invalid = checkClientMessageId(request.clientMessageId);
  if (invalid !== undefined) return refused(invalid);
  const checked = checkText(request.text, request.language);
  if (!checked.ok) return refused(checked.refusal);
  return once(parts, author, request.clientMessageId, () => {
    const message = standing(parts.log, request.messageId);
    if ("code" in message) return refused(message);
    if (message.authorId !== author.userId) return refused(refuse("not_author"));
    const change = { ...checked.value, clientMessageId: request.clientMessageId };
    const appended = parts.log.appendEdit(message, change, parts.now());
    return { kind: "logged", change: "edit", messageId: message.id, ...appended };
  });
}

/** Checks and logs a deletion: authors delete their own messages, owners and admins anybody's. */
export function remove(parts: PostingParts, person: Person, request: MessageDeleteRequest): Posted {
  const { clientMessageId } = request;
  const invalid = checkClientMessageId(clientMessageId);
  if (invalid !== undefined) return refused(invalid);
  return once(parts, person, clientMessageId, () => {
    const message = standing(parts.log, request.messageId);
    if ("code" in message) return refused(message);
    const mayDelete = message.authorId === person.userId || person.role === "owner" || person.role === "admin";
    if (!mayDelete) return refused(refuse("not_allowed"));
    const entry = parts.log.appendDelete(message, { authorId: person.userId, clientMessageId }, parts.now());
    return { kind: "logged", change: "delete", messageId: message.id, entry };
  });
}

/** Checks and logs an emoji that somebody puts on a message, or takes away. One that is as asked already is nothing new. */
export function react(parts: PostingParts, person: Person, request: ReactionRequest): Posted {
  const { clientMessageId, messageId, emoji, remove: removed } = request;
  const invalid = checkClientMessageId(clientMessageId) ?? checkEmoji(emoji);
  if (invalid !== undefined) return refused(invalid);
  return once(parts, person, clientMessageId, () => {
    const { log } = parts;
    const message = standing(log, messageId);
    if ("code" in message) return refused(message);
    const putAt = log.reactions.find(messageId, emoji, person.userId);
    if ((putAt === undefined) === removed) {
      return { kind: "duplicate", messageId, offset: putAt ?? message.offset };
    }
    const others = removed ? [] : log.reactions.of(messageId);
    if (others.length >= limits.reactionsPerMessage && !others.some((reaction) => reaction.emoji === emoji)) {
      return refused(refuse("too_many_reactions"));
    }
    const entry = log.appendReaction(
      { messageId, userId: person.userId, emoji, removed },
      clientMessageId,
      parts.now(),
    );
    return { kind: "logged", change: "reaction", messageId, entry };
  });
}

/** Checks and logs that somebody pins a message, or unpins it. What is as asked already is nothing new. */
export function pin(parts: PostingParts, person: Person, request: PinRequest): Posted {
  const { clientMessageId, messageId, remove: removed } = request;
  const invalid = checkClientMessageId(clientMessageId);
  if (invalid !== undefined) return refused(invalid);
  if (!may(person.role, "pin")) return refused(refuse("not_permitted"));
  return once(parts, person, clientMessageId, () => {
    const { log } = parts;
    const message = standing(log, messageId);
    if ("code" in message) return refused(message);
    const pinned = log.pins.of(messageId);
    if ((pinned === undefined) === removed) {
      return { kind: "duplicate", messageId, offset: pinned?.offset ?? message.offset };
    }
    if (!removed && log.pins.count >= limits.pinsPerConversation) return refused(refuse("too_many_pins"));
    const entry = log.appendPin(message, { userId: person.userId, removed, clientMessageId }, parts.now());
    return { kind: "logged", change: "pin", messageId, entry };
  });
}

/** Answers a repeated request as before; a new one has to be within the person's budget. */
function once(parts: PostingParts, person: Person, clientMessageId: string, write: () => Posted): Posted {
  const answered = parts.log.answered(person.userId, clientMessageId);
  if (answered !== undefined) return { kind: "duplicate", ...answered };
  const undrained = parts.log.position.offset - parts.log.drained;
  if (undrained >= (parts.undrainedEvents ?? limits.undrainedEvents)) return refused(refuse("not_draining", drainMs));
  const waitMs = parts.budget(person.userId);
  return waitMs > 0 ? refused(refuse("rate_limited", waitMs)) : write();
}

/** The message, when it can still be changed. */
function standing(log: ConversationLog, id: string): StoredMessage | Refusal {
  const message = log.messages.find(id);
  if (message === undefined) return refuse("message_not_found");
  return message.deletedAt > 0 ? refuse("message_deleted") : message;
}

const refused = (refusal: Refusal): Posted => ({ kind: "refused", refusal });

/** A refusal as the API is told of it. */
export const refusedFor = ({ code, retryAfterMs }: Refusal): Refused => ({
  ok: false,
  code,
  message: errorCodes[code].message,
  retryAfterMs,
});

/** What a write did, as the API is told of it. */
export function outcomeOf(posted: Posted): SendOutcome {
  switch (posted.kind) {
    case "logged":
      return { ok: true, messageId: posted.messageId, offset: posted.entry.offset, duplicate: false };
    case "duplicate":
      return { ok: true, messageId: posted.messageId, offset: posted.offset, duplicate: true };
    case "refused":
      return refusedFor(posted.refusal);
  }
}
