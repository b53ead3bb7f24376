import { metrics } from "../telemetry/instruments.ts";
import { type CloseReason, closeCodes } from "./close-codes.ts";
import type { Person } from "./contract.ts";
import * as events from "./events.ts";
import { deliver, type Outgoing, type OwnEvents } from "./fanout.ts";
import type { LastSeen } from "./last-seen.ts";
import { limits } from "./limits.ts";
import type { ConversationLog } from "./log.ts";
import type { Roster, Session, Socket } from "./roster.ts";

export interface AudienceParts {
  readonly log: ConversationLog;
  readonly roster: Roster;
  readonly lastSeen: LastSeen;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Events that a socket may leave unacknowledged; the default is that of limits.ts. */
  readonly unacknowledgedEvents: number | undefined;
}

/** Everybody whose socket is open: who is sent what, who is told that somebody came or went, and who has to go. */
export class Audience {
  readonly #parts: AudienceParts;

  constructor(parts: AudienceParts) {
    this.#parts = parts;
  }

  /** Sends to these sessions; what they hear of is written first. Sockets that turn out to be gone are let go. */
  deliver(sessions: Iterable<Session>, shared: readonly Outgoing[], own?: OwnEvents): void {
    this.#parts.log.flush();
    const { deliveries, dead } = deliver(sessions, shared, own);
    metrics.delivered(deliveries);
    for (const { socket } of dead) this.disconnect(socket);
  }

  /** Sends to everybody, or to everybody except one person. */
  broadcast(outgoing: readonly Outgoing[], exceptUserId?: string): void {
    if (outgoing.length === 0) return;
    const { sessions } = this.#parts.roster;
    this.deliver(
      sessions.filter(({ person }) => person.userId !== exceptUserId),
      outgoing,
    );
  }

  /** Notes a person that the Worker vouches for, and tells the others when they are new or changed. */
  meet(person: Person): void {
    const { roster } = this.#parts;
    if (!roster.meet(person)) return;
    this.broadcast([events.memberChange(person, roster.isPresent(person.userId), false)]);
  }

  /** Closes a session's socket, and says why. */
  expel(session: Session, why: CloseReason): void {
    this.deliver([session], [events.disconnect(why)]);
    const { code, reason } = closeCodes[why];
    session.socket.close(code, reason);
    this.disconnect(session.socket);
  }

  /** A socket has no back-pressure of its own: what its reader acknowledges tells how far behind they are. */
  expelLaggards(): void {
    const { log, roster, unacknowledgedEvents = limits.unacknowledgedEvents } = this.#parts;
    const oldest = log.position.offset - unacknowledgedEvents;
    if (oldest <= 0) return;
    for (const session of roster.sessions) if (session.acknowledged < oldest) this.expel(session, "lagging");
  }

  /** The socket closed, from either side; `attachment` is what the room last attached to it. */
  disconnect(socket: Socket, attachment?: unknown): void {
    const { roster, lastSeen, now } = this.#parts;
    const session = roster.leave(socket, attachment);
    if (session === undefined) return;
    metrics.socketClosed();
    const { userId } = session.person;
    if (roster.isPresent(userId)) return;
    const at = now();
    if (roster.member(userId) !== undefined) lastSeen.note(userId, at);
    this.broadcast([events.offline(userId, at)]);
  }
}
