import { expect, it } from "vitest";
import { deliver } from "./fanout.ts";
import { decodeServerFrame, encodeEvent } from "./frames.ts";
import type { Session } from "./roster.ts";
import { ana, ben, TestSocket } from "./testing/room.ts";

const session = (socket: TestSocket, person = ana, protocol: "proto" | "json" = "proto"): Session => ({
  socket,
  person,
  protocol,
  acknowledged: 0,
  malformed: 0,
});

const message = (offset: number, text = `text ${offset}`) => ({
  frame: encodeEvent({ case: "messageReceive", value: { id: `m${offset}`, text } }, offset),
  language: "",
});
const translation = (offset: number, language: string) => ({
  frame: encodeEvent({ case: "messageTranslation", value: { messageId: "m", language } }, offset),
  language,
});

it("sends several events as one frame that is shared by all sockets with the same wants", () => {
  const sockets = [new TestSocket(), new TestSocket(), new TestSocket()];
  const { deliveries } = deliver(
    sockets.map((socket) => session(socket)),
    [message(1), message(2)],
  );
  expect(deliveries).toBe(6);
  expect(sockets.map(({ sent }) => sent.length)).toEqual([1, 1, 1]);
  expect(new Set(sockets.map(({ sent }) => sent[0])).size).toBe(1);
  expect(sockets[0]?.events.map(({ offset }) => offset)).toEqual([1, 2]);
});

it("sends a translation only to those who read its language", () => {
  const [english, french] = [new TestSocket(), new TestSocket()];
  deliver([session(english), session(french, ben)], [message(1), translation(2, "fr"), translation(3, "de")]);
  expect(english.events.map(({ offset }) => offset)).toEqual([1]);
  expect(french.events.map(({ offset }) => offset)).toEqual([1, 2]);
});

it("sends nothing, not even an empty frame, to who wants none of it", () => {
  const socket = new TestSocket();
  expect(deliver([session(socket)], [translation(1, "fr")]).deliveries).toBe(0);
  expect(socket.sent).toEqual([]);
});

it("puts what is for one session alone before what everybody gets", () => {
  const [mine, theirs] = [new TestSocket(), new TestSocket()];
  const [one, other] = [session(mine), session(theirs)];
  const own = { frame: encodeEvent({ case: "ack", value: { clientMessageId: "c" } }), language: "" };
  deliver([one, other], [message(1)], new Map([[one, [own]]]));
  expect(mine.events.map(({ event }) => event.case)).toEqual(["ack", "messageReceive"]);
  expect(theirs.events.map(({ event }) => event.case)).toEqual(["messageReceive"]);
});

it("cuts a long run into several frames, in order", () => {
  const socket = new TestSocket();
  const events = Array.from({ length: 40 }, (_, index) => message(index + 1, "x".repeat(10_000)));
  deliver([session(socket)], events);
  expect(socket.sent.length).toBeGreaterThan(1);
  for (const frame of socket.sent) expect(frame.length).toBeLessThanOrEqual(256 * 1024);
  const offsets = socket.sent.flatMap((frame) => (typeof frame === "string" ? [] : decodeServerFrame(frame)));
  expect(offsets.map(({ offset }) => offset)).toEqual(events.map((_, index) => index + 1));
});

it("reports sockets that are gone and delivers to the others", () => {
  const [gone, here] = [new TestSocket(), new TestSocket()];
  gone.isDead = true;
  const { dead } = deliver([session(gone), session(here)], [message(1)]);
  expect(dead.map(({ socket }) => socket)).toEqual([gone]);
  expect(here.events).toHaveLength(1);
});

it("speaks JSON and binary to sockets side by side", () => {
  const [binary, text] = [new TestSocket(), new TestSocket()];
  deliver([session(binary), session(text, ana, "json")], [message(1, "Grüße 👋")]);
  expect(JSON.parse(String(text.sent[0]))).toMatchObject([{ offset: 1, "message:receive": { text: "Grüße 👋" } }]);
  expect(binary.all("messageReceive")[0]?.value.text).toBe("Grüße 👋");
});
