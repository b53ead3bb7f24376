import { joinFrames } from "./frames.ts";
import type { Session } from "./roster.ts";

/** An event on its way to sockets: encoded once, for everybody or for the readers of one language. */
export interface Outgoing {
  readonly frame: Uint8Array;
  /** Of a translation, for its readers alone; empty: for everybody. */
  readonly language: string;
}

export interface Delivery {
  /** Events put on sockets: one event to three sockets is three. */
  readonly deliveries: number;
  /** Sessions whose socket is gone. */
  readonly dead: readonly Session[];
}

/** Bytes of encoded events in one WebSocket message; a longer run is cut into several. */
const messageBytes = 256 * 1024;

/** What some sessions alone are to get. */
export type OwnEvents = ReadonlyMap<Session, readonly Outgoing[]>;

const nothing: OwnEvents = new Map();

/**
 * Sends events to sessions, in order: what has to be joined or turned into JSON is made once per group of sessions that
 * get the same bytes, not once per socket. A session's own events go first, in one WebSocket message with the rest where the
 * protocol lets them be joined: what a message costs is the sending, not its bytes.
 */
export function deliver(sessions: Iterable<Session>, events: readonly Outgoing[], own = nothing): Delivery {
  const shared = { proto: new Map<string, Packed>(), json: new Map<string, Packed>() };
  const dead: Session[] = [];
  let deliveries = 0;
  for (const session of sessions) {
    const group = shared[session.protocol];
    const language = session.person.readingLanguage;
    let packed = group.get(language);
    if (packed === undefined) {
      packed = pack(events, session);
      group.set(language, packed);
    }
    const mine = own.get(session);
    try {
      for (const message of mine === undefined ? packed.messages : inFrontOf(packed.messages, pack(mine, session))) {
        session.socket.send(message);
      }
      deliveries += packed.events + (mine?.length ?? 0);
    } catch {
      // The peer is gone and its close event is on the way; one dead socket must not keep events from the others.
      dead.push(session);
    }
  }
  return { deliveries, dead };
}

/** Both runs of messages, the last of the first joined with the first of the second when that makes no long message. */
function inFrontOf(messages: Packed["messages"], { messages: first }: Packed): Packed["messages"] {
  const [last, next] = [first.at(-1), messages[0]];
  if (!(last instanceof Uint8Array && next instanceof Uint8Array) || last.length + next.length > messageBytes) {
    return [...first, ...messages];
  }
  return [...first.slice(0, -1), joinFrames([last, next], "proto"), ...messages.slice(1)];
}

/** True when a session is to get an event. */
export const isFor = (session: Session, { language }: Outgoing): boolean =>
  language === "" || language === session.person.readingLanguage;

interface Packed {
  readonly events: number;
  /** One WebSocket message each. */
  readonly messages: readonly (Uint8Array | string)[];
}

function pack(events: readonly Outgoing[], session: Session): Packed {
  const wanted = events.filter((event) => isFor(session, event)).map(({ frame }) => frame);
  return { events: wanted.length, messages: chunk(wanted).map((frames) => joinFrames(frames, session.protocol)) };
}

function chunk(frames: readonly Uint8Array[]): Uint8Array[][] {
  const chunks: Uint8Array[][] = [];
  let room = 0;
  for (const frame of frames) {
    const last = chunks.at(-1);
    if (last === undefined || frame.length > room) {
      chunks.push([frame]);
      room = messageBytes - frame.length;
    } else {
      last.push(frame);
      room -= frame.length;
    }
  }
  return chunks;
}
