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

/**
 * Sends events to sessions, in order: what has to be joined or turned into JSON is made once per group of sessions that
 * get the same bytes, not once per socket. `own` are events for one session alone; they go first.
 */
export function deliver(
  sessions: Iterable<Session>,
  events: readonly Outgoing[],
  own?: { readonly to: Session; readonly events: readonly Outgoing[] },
): Delivery {
  const shared = new Map<string, ReturnType<typeof pack>>();
  const dead: Session[] = [];
  let deliveries = 0;
  for (const session of sessions) {
    const key = `${session.protocol} ${session.person.readingLanguage}`;
    const isOwner = session === own?.to;
    const packed =
      (isOwner ? undefined : shared.get(key)) ?? pack(isOwner ? [...own.events, ...events] : events, session);
    if (!isOwner) shared.set(key, packed);
    try {
      for (const message of packed.messages) session.socket.send(message);
      deliveries += packed.events;
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

function pack(events: readonly Outgoing[], session: Session) {
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
