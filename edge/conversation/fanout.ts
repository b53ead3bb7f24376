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
 * get the same bytes, not once per socket. A session's own events go first.
 */
export function deliver(sessions: Iterable<Session>, events: readonly Outgoing[], own = nothing): Delivery {
  const shared = new Map<string, Packed>();
  const dead: Session[] = [];
  let deliveries = 0;
  for (const session of sessions) {
    const group = `${session.protocol} ${session.person.readingLanguage}`;
    let packed = shared.get(group);
    if (packed === undefined) {
      packed = pack(events, session);
      shared.set(group, packed);
    }
    const mine = own.get(session);
    const first = mine === undefined ? undefined : pack(mine, session);
    try {
      if (first !== undefined) for (const message of first.messages) session.socket.send(message);
      for (const message of packed.messages) session.socket.send(message);
      deliveries += packed.events + (first?.events ?? 0);
    } catch {
      // The peer is gone and its close event is on the way; one dead socket must not keep events from the others.
      dead.push(session);
    }
  }
  return { deliveries, dead };
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
