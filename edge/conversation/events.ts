import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type CloseReason, closeCodes } from "./close-codes.ts";
import type { Person } from "./contract.ts";
import { errorCodes, type Refusal } from "./error-codes.ts";
import type { Outgoing } from "./fanout.ts";
import { type EventInit, encodeEvent } from "./frames.ts";

/** Events outside the log, ready to be sent. */
const forAll = (event: EventInit): Outgoing => ({ frame: encodeEvent(event), language: "" });

export const ack = (value: { clientMessageId: string; messageId: string; offset: number; duplicate: boolean }) =>
  forAll({ case: "ack", value });

export const error = ({ code, retryAfterMs }: Refusal, clientMessageId = ""): Outgoing =>
  forAll({ case: "error", value: { code, message: errorCodes[code].message, clientMessageId, retryAfterMs } });

export const disconnect = (why: CloseReason): Outgoing => {
  const { code, reason, reconnect } = closeCodes[why];
  return forAll({ case: "disconnect", value: { closeCode: code, reason, reconnect } });
};

export const typing = (userId: string, isTyping: boolean): Outgoing =>
  forAll({ case: "messageTyping", value: { userId, typing: isTyping } });

export const read = (userId: string, offset: number): Outgoing =>
  forAll({ case: "messageRead", value: { userId, offset } });

export const online = (userId: string): Outgoing => forAll({ case: "userOnline", value: { userId } });

/** @param lastSeen milliseconds since the epoch */
export const offline = (userId: string, lastSeen: number): Outgoing =>
  forAll({ case: "userOffline", value: { userId, lastSeen: timestampFromMs(lastSeen) } });

export const memberChange = (person: Person, isOnline: boolean, removed: boolean): Outgoing =>
  forAll({ case: "memberChange", value: { member: { ...person, online: isOnline }, removed } });
