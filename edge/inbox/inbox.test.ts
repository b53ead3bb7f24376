import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { type ConversationUpdate, ConversationUpdateSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { decodeServerFrame } from "../conversation/frames.ts";
import { nodeDatabase } from "../conversation/testing/node-database.ts";
import { Inbox } from "./inbox.ts";

class Device {
  readonly frames: (string | Uint8Array)[] = [];
  isGone = false;

  send(data: string | Uint8Array): void {
    if (this.isGone) throw new Error("gone");
    this.frames.push(data);
  }

  get updates(): ConversationUpdate[] {
    const events = this.frames.flatMap((frame) => (typeof frame === "string" ? [] : decodeServerFrame(frame)));
    return events.flatMap(({ event }) => (event.case === "conversationUpdate" ? [event.value] : []));
  }
}

const update = (init: MessageInitShape<typeof ConversationUpdateSchema>): Uint8Array =>
  toBinary(ConversationUpdateSchema, create(ConversationUpdateSchema, init));

function newInbox() {
  const database = nodeDatabase();
  const inbox = new Inbox(database);
  const connect = (protocol: "proto" | "json" = "proto") => {
    const device = new Device();
    inbox.connect(device, protocol, "ana");
    return device;
  };
  return { inbox, connect, database };
}

it("tells a device how every conversation stands, then every change", () => {
  const { inbox, connect } = newInbox();
  inbox.update(update({ conversationId: "a", offset: 1, unread: 1 }));
  inbox.update(update({ conversationId: "b", offset: 1, unread: 2 }));
  const [phone, laptop] = [connect(), connect()];
  inbox.update(update({ conversationId: "a", offset: 2, unread: 0 }));
  for (const device of [phone, laptop]) {
    expect(device.updates.map(({ conversationId, unread }) => [conversationId, unread])).toEqual([
      ["a", 1],
      ["b", 2],
      ["a", 0],
    ]);
  }
});

it("speaks JSON to who asks for it", () => {
  const { inbox, connect } = newInbox();
  inbox.update(update({ conversationId: "a", offset: 3, unread: 7 }));
  const [first] = connect("json").frames;
  expect(JSON.parse(String(first))).toMatchObject([
    { connection: { userId: "ana" } },
    { "conversation:update": { conversationId: "a", unread: 7 } },
  ]);
});

it("takes no word that is older than what it knows, and forgets what is over", () => {
  const { inbox, connect } = newInbox();
  inbox.update(update({ conversationId: "a", offset: 5, unread: 1 }));
  inbox.update(update({ conversationId: "a", offset: 4, unread: 9 }));
  expect(inbox.all()).toMatchObject([{ offset: 5, unread: 1 }]);
  const device = connect();
  inbox.update(update({ conversationId: "a", offset: 6, removed: true }));
  expect(device.updates.at(-1)).toMatchObject({ conversationId: "a", removed: true });
  expect(inbox.all()).toEqual([]);
});

it("is not held up by a device that is gone", () => {
  const { inbox, connect } = newInbox();
  const [gone, there] = [connect(), connect()];
  gone.isGone = true;
  inbox.update(update({ conversationId: "a", offset: 1 }));
  expect(there.updates).toHaveLength(1);
  expect(inbox.sessions).toBe(1);
});
