import {
  create,
  fromBinary,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  type ClientEvent,
  ClientEventSchema,
  ClientFrameSchema,
  type ServerEvent,
  ServerEventSchema,
  ServerFrameSchema,
} from "../../proto/gen/meeshy/v1/realtime_pb.js";
import type { ErrorCode } from "./error-codes.ts";
import { limits, type Protocol } from "./limits.ts";

/** What a server event is made from: the oneof without the envelope. */
export type EventInit = NonNullable<Exclude<MessageInitShape<typeof ServerEventSchema>, ServerEvent>["event"]>;

/** One event as a binary ServerFrame. Frames can be joined end to end, so an event is encoded once for all who get it. */
export function encodeEvent(event: EventInit, offset = 0): Uint8Array {
  return toBinary(ServerFrameSchema, create(ServerFrameSchema, { events: [{ offset, event }] }));
}

/** The events of a binary ServerFrame. */
export function decodeServerFrame(frame: Uint8Array): ServerEvent[] {
  return fromBinary(ServerFrameSchema, frame).events;
}

/** Joins encoded events into what one socket is sent in one go. */
export function joinFrames(frames: readonly Uint8Array[], protocol: Protocol): Uint8Array | string {
  const [only] = frames;
  if (protocol === "proto" && only !== undefined && frames.length === 1) return only;
  const joined = new Uint8Array(frames.reduce((bytes, frame) => bytes + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    joined.set(frame, at);
    at += frame.length;
  }
  if (protocol === "proto") return joined;
  return JSON.stringify(
    decodeServerFrame(joined).map((event) => toJson(ServerEventSchema, event, { alwaysEmitImplicit: true })),
  );
}

/** A client's frame, taken apart: each event stands or falls alone. */
export type ReadFrame =
  | { readonly kind: "events"; readonly events: readonly (ClientEvent | ErrorCode)[] }
  | { readonly kind: "refused"; readonly code: ErrorCode }
  | { readonly kind: "too_large" };

/** Reads a frame as it came: binary is a ClientFrame, text a JSON array of client events. Never throws. */
export function readClientFrame(data: string | ArrayBuffer): ReadFrame {
  // A UTF-16 code unit is at most three bytes of UTF-8, so most texts need no count.
  const bytes =
    typeof data !== "string"
      ? data.byteLength
      : data.length * 3 <= limits.frameBytes
        ? data.length
        : new TextEncoder().encode(data).length;
  if (bytes > limits.frameBytes) return { kind: "too_large" };
  const events = typeof data === "string" ? readJson(data) : readBinary(new Uint8Array(data));
  if (events === undefined) return { kind: "refused", code: "malformed_frame" };
  if (events.length > limits.eventsPerFrame) return { kind: "refused", code: "too_many_events" };
  return { kind: "events", events };
}

function readBinary(data: Uint8Array): (ClientEvent | ErrorCode)[] | undefined {
  try {
    const { events } = fromBinary(ClientFrameSchema, data);
    return events.map((event) => (event.event.case === undefined ? "unknown_event" : event));
  } catch {
    return undefined;
  }
}

const eventNames = new Set(ClientEventSchema.fields.flatMap((field) => [field.jsonName, field.name]));

function readJson(data: string): (ClientEvent | ErrorCode)[] | undefined {
  try {
    const items: unknown = JSON.parse(data);
    return Array.isArray(items) ? items.map(readJsonEvent) : undefined;
  } catch {
    return undefined;
  }
}

function readJsonEvent(item: JsonValue): ClientEvent | ErrorCode {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return "malformed_frame";
  if (!Object.keys(item).some((name) => eventNames.has(name))) return "unknown_event";
  try {
    const event = fromJson(ClientEventSchema, item);
    return event.event.case === undefined ? "unknown_event" : event;
  } catch {
    return "malformed_frame";
  }
}
