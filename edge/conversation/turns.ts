import type { ClientEvent } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import type { RequestKey } from "./answered-requests.ts";
import type { Audience } from "./audience.ts";
import type { ErrorCode } from "./error-codes.ts";
import type { LogEntry } from "./event-table.ts";
import type { Outgoing } from "./fanout.ts";
import { readClientFrame } from "./frames.ts";
import { limits } from "./limits.ts";
import type { ConversationLog } from "./log.ts";
import { Pacer } from "./pacing.ts";
import type { ConversationParts } from "./parts.ts";
import type { Gathered, Recall } from "./recall.ts";
import { type Requests, requestId } from "./requests.ts";
import type { Roster, Session, Socket } from "./roster.ts";

export interface TurnsParts extends Pick<ConversationParts, "pace" | "now" | "report"> {
  readonly log: ConversationLog;
  readonly roster: Roster;
  readonly audience: Audience;
  readonly requests: Requests;
  readonly recall: Recall;
  /** Hears that a turn is over. */
  readonly ended: () => void;
}

const requestsOf = ({ session, items }: Gathered): RequestKey[] =>
  items.flatMap((item) => {
    const clientMessageId = typeof item === "string" || "refusal" in item ? "" : requestId(item);
    return clientMessageId === "" ? [] : [{ authorId: session.person.userId, clientMessageId }];
  });

const isAcknowledgement = (item: ClientEvent | ErrorCode): boolean =>
  typeof item !== "string" && item.event.case === "ack";

/** Turns of the room: what clients have sent since the last one is handled, written and told of together. */
export class Turns {
  readonly #parts: TurnsParts;
  /** Undefined: everything is handled as it comes. */
  readonly #pacer: Pacer | undefined;
  #gathered: Gathered[] = [];

  constructor(parts: TurnsParts) {
    this.#parts = parts;
    const { pace, now, roster } = parts;
    this.#pacer = pace && new Pacer({ ...pace, now, sockets: () => roster.size, run: () => this.#run() });
  }

  /** Handles frames that had to wait. */
  resume(frames: readonly Gathered[]): void {
    this.#gathered.push(...frames);
    this.#run();
  }

  /** A frame of a client. Whatever is in it, it never throws and never stores a part of a bad request. */
  receive(socket: Socket, data: string | ArrayBuffer): void {
    const { roster, audience, requests } = this.#parts;
    const session = roster.session(socket);
    if (session === undefined) return;
    const frame = readClientFrame(data);
    if (frame.kind === "too_large") {
      this.#run();
      audience.expel(session, "frame_too_large");
      return;
    }
    if (frame.kind === "events" && frame.events.every(isAcknowledgement)) {
      // Changes nothing that others see and writes nothing: neither counted as load nor gathered.
      requests.handle(session, frame.events);
      return;
    }
    this.#gathered.push({ session, items: frame.kind === "events" ? frame.events : [frame.code] });
    if (this.#pacer === undefined) this.#run();
    else this.#pacer.arrived();
  }

  /** Handles what has arrived since the last time, in the order in which it did. */
  #run(): void {
    const { log, roster, audience, requests, recall, report, ended } = this.#parts;
    const gathered = this.#gathered.splice(0);
    if (gathered.length > 1) log.recall(gathered.flatMap(requestsOf));
    const own = new Map<Session, Outgoing[]>();
    const logged: LogEntry[] = [];
    for (const frame of gathered) {
      const { session, items } = frame;
      // Gone meanwhile: nobody waits for the answer, and the client sends it again.
      if (roster.session(session.socket) !== session || recall.holds(frame)) continue;
      if (items.includes("malformed_frame")) session.malformed += 1;
      const handled = requests.handle(session, items);
      logged.push(...handled.logged);
      own.set(session, [...(own.get(session) ?? []), ...handled.own]);
    }
    // One turn from the appends to here: the output gate holds these frames until what they speak of is on disk, so an
    // acknowledged event is durable and nobody sees one that is not.
    try {
      log.endTurn();
      audience.deliver(logged.length > 0 ? roster.sessions : own.keys(), logged, own);
    } catch (error) {
      // Nobody was told of anything in this turn. Who comes back reads the log as it is, and sends again what is not in it.
      report("Events could not be stored", error);
      for (const session of roster.sessions) audience.expel(session, "internal_error");
    }
    for (const session of own.keys()) {
      if (session.malformed >= limits.malformedFrames) audience.expel(session, "malformed_frames");
    }
    if (logged.length > 0) audience.expelLaggards();
    ended();
  }
}
