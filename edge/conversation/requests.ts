import type { ClientEvent, SyncRequest } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { metrics } from "../telemetry/instruments.ts";
import { type ErrorCode, type Refusal, refuse } from "./error-codes.ts";
import type { LogEntry } from "./event-table.ts";
import * as events from "./events.ts";
import type { Outgoing } from "./fanout.ts";
import { limits } from "./limits.ts";
import { edit, type Posted, type PostingParts, pin, post, react, remove } from "./posting.ts";
import { RateLimit, rates } from "./rate-limit.ts";
import type { ReadPositions } from "./read-positions.ts";
import type { Roster, Session } from "./roster.ts";
import type { Views } from "./views.ts";

export interface RequestParts {
  readonly posting: PostingParts;
  readonly roster: Roster;
  readonly views: Views;
  readonly readPositions: ReadPositions;
  /** Hears of everybody who has read further. */
  readonly hasRead: (userId: string) => void;
  /** Sets going what a write entails; returns its event when there is a new one. */
  readonly followUp: (posted: Posted) => LogEntry | undefined;
  /** Sends to everybody's sockets except one person's. */
  readonly broadcast: (outgoing: readonly Outgoing[], exceptUserId: string | undefined) => void;
  readonly report: (what: string, error: unknown) => void;
}

/** A request that was refused before it was handled. */
export interface RefusedRequest {
  readonly refusal: Refusal;
  readonly clientMessageId: string;
}

/** An event of a client, or why it is not handled. */
export type Item = ClientEvent | ErrorCode | RefusedRequest;

/** What a client's frame leads to: events for its socket alone, and logged ones for everybody. */
export interface Handled {
  readonly own: Outgoing[];
  readonly logged: LogEntry[];
}

/** Answers what clients ask for over their sockets. */
export class Requests {
  readonly #parts: RequestParts;
  readonly #reads: RateLimit;
  readonly #typing: RateLimit;

  constructor(parts: RequestParts) {
    this.#parts = parts;
    this.#reads = new RateLimit(rates.read, parts.posting.now);
    this.#typing = new RateLimit(rates.typing, parts.posting.now);
  }

  /** Handles the events of a frame in order; each stands or falls alone, and nothing of one that falls is stored. */
  handle(session: Session, items: readonly Item[]): Handled {
    const handled: Handled = { own: [], logged: [] };
    for (const item of items) {
      if (typeof item === "string") handled.own.push(refusal(refuse(item)));
      else if ("refusal" in item) handled.own.push(refusal(item.refusal, item.clientMessageId));
      else this.#attempt(session, item, handled);
    }
    return handled;
  }

  #attempt(session: Session, item: ClientEvent, handled: Handled): void {
    try {
      this.#handle(session, item, handled);
    } catch (error) {
      this.#parts.report("An event could not be handled", error);
      handled.own.push(refusal(refuse("internal_error"), requestId(item)));
    }
  }

  #handle(session: Session, { event }: ClientEvent, handled: Handled): void {
    const { posting, roster, broadcast } = this.#parts;
    const { person } = session;
    switch (event.case) {
      case "messageSend":
        this.#answer(event.value, post(posting, person, event.value), handled);
        break;
      case "messageEdit":
        this.#answer(event.value, edit(posting, person, event.value), handled);
        break;
      case "messageDelete":
        this.#answer(event.value, remove(posting, person, event.value), handled);
        break;
      case "messageReaction":
        this.#answer(event.value, react(posting, person, event.value), handled);
        break;
      case "messagePin":
        this.#answer(event.value, pin(posting, person, event.value), handled);
        break;
      case "messageTyping":
        // Too much of it is dropped without a word: nothing depends on it.
        if (this.#typing.take(person.userId) > 0) break;
        broadcast([events.typing(person.userId, event.value.typing)], person.userId);
        break;
      case "messageRead": {
        const offset = Math.min(event.value.offset, posting.log.position.offset);
        // As with typing: the next one says more than the one that was dropped.
        if (offset === 0 || this.#typing.take(person.userId) > 0) break;
        if (this.#parts.readPositions.advance(person.userId, offset)) {
          broadcast([events.read(person.userId, offset)], undefined);
          this.#parts.hasRead(person.userId);
        }
        break;
      }
      case "sync":
        this.#sync(session, event.value, handled);
        break;
      case "ack":
        roster.acknowledge(session, Math.min(event.value.offset, posting.log.position.offset));
        break;
      case undefined:
        handled.own.push(refusal(refuse("unknown_event")));
    }
  }

  #answer({ clientMessageId }: { clientMessageId: string }, posted: Posted, { own, logged }: Handled): void {
    if (posted.kind === "refused") {
      own.push(refusal(posted.refusal, clientMessageId));
      return;
    }
    const duplicate = posted.kind === "duplicate";
    const offset = duplicate ? posted.offset : posted.entry.offset;
    own.push(events.ack({ clientMessageId, messageId: posted.messageId, offset, duplicate }));
    const entry = this.#parts.followUp(posted);
    if (entry !== undefined) logged.push(entry);
  }

  #sync({ person }: Session, request: SyncRequest, { own }: Handled): void {
    const waitMs = this.#reads.take(person.userId);
    const answer = waitMs > 0 ? refuse("rate_limited", waitMs) : this.#parts.views.sync(person, request);
    if ("code" in answer) own.push(refusal(answer));
    else own.push(...answer);
  }
}

function refusal(refused: Refusal, clientMessageId = ""): Outgoing {
  metrics.rejected(refused.code);
  return events.error(refused, clientMessageId.slice(0, limits.clientMessageIdLength));
}

/** The client message id of what writes something; empty for anything else. */
export function requestId({ event }: ClientEvent): string {
  switch (event.case) {
    case "messageSend":
    case "messageEdit":
    case "messageDelete":
    case "messageReaction":
    case "messagePin":
      return event.value.clientMessageId;
    default:
      return "";
  }
}
