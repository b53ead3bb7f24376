import { describe, expect, it, vi } from "vitest";
import { rates } from "./rate-limit.ts";
import { ana, ben, seenBy, TestRoom } from "./testing/room.ts";

describe("a reader who cannot keep up", () => {
  it("is closed with a code that tells them to come back, and then gets what they missed", () => {
    const room = new TestRoom({ unacknowledgedEvents: 20 });
    const [writer, slow] = [room.connect(ana), room.connect(ben)];
    const say = (count: number) => {
      for (let n = 0; n < count; n++) room.say(writer, "hello");
      room.emit(writer, [{ event: { case: "ack", value: { offset: seenBy(writer).offset } } }]);
    };
    say(20);
    expect(slow.closed).toBeUndefined();
    const seen = seenBy(slow);
    say(10);
    expect(slow.closed).toBe(4408);
    expect(slow.all("disconnect")[0]?.value).toMatchObject({ closeCode: 4408, reconnect: true });
    expect(writer.closed).toBeUndefined();
    const again = room.connect(ben, { seen });
    expect(again.all("connection")[0]?.value.recovered).toBe(true);
    expect(again.all("messageReceive")).toHaveLength(10);
  });

  it("is nobody who has just come, however long the log is", () => {
    const room = new TestRoom({ unacknowledgedEvents: 20 });
    const writer = room.connect(ana);
    for (let n = 0; n < 30; n++) {
      room.say(writer, "hello");
      room.emit(writer, [{ event: { case: "ack", value: { offset: n + 1 } } }]);
    }
    const newcomer = room.connect(ben);
    room.say(writer, "welcome");
    expect(newcomer.closed).toBeUndefined();
    expect(newcomer.all("messageReceive")).toHaveLength(1);
  });
});

describe("opening sockets", () => {
  it("is slowed down for a person who does it again and again, and for nobody else", () => {
    const room = new TestRoom();
    const waits = Array.from({ length: rates.connect.burst + 1 }, () => room.conversation.admit("ana"));
    expect(waits.slice(0, -1).every((ms) => ms === 0)).toBe(true);
    expect(waits.at(-1)).toBe(1_000);
    expect(room.conversation.admit("ben")).toBe(0);
    room.now += 1_000;
    expect(room.conversation.admit("ana")).toBe(0);
  });
});

it("tells nobody of events that could not be stored, and lets everybody come back", async () => {
  const room = new TestRoom();
  const [sender, reader] = [room.connect(ana), room.connect(ben)];
  room.say(sender, "stored", "c1");
  const disk = vi.spyOn(room.database, "transaction").mockImplementation(() => {
    throw new Error("disk full");
  });
  room.say(sender, "lost", "c2");
  disk.mockRestore();
  expect([sender.closed, reader.closed]).toEqual([4500, 4500]);
  expect(sender.all("ack").map(({ value }) => value.clientMessageId)).toEqual(["c1"]);
  const again = room.connect(ana, { seen: { epoch: room.conversation.position.epoch, offset: 1 } });
  room.say(again, "lost", "c2");
  expect(again.all("ack").map(({ value }) => [value.clientMessageId, value.offset])).toEqual([["c2", 2]]);
});

it("takes no more than so much while the system of record is away, and goes on when it is back", async () => {
  const room = new TestRoom({ undrainedEvents: 3 });
  const writer = room.connect(ana);
  room.sinkIsDown = true;
  for (let n = 0; n < 4; n++) room.say(writer, `text ${n}`, `c${n}`);
  await room.wait(2_000);
  expect(writer.all("ack")).toHaveLength(3);
  expect(writer.all("error").map(({ value }) => [value.code, value.clientMessageId])).toEqual([["not_draining", "c3"]]);
  expect(writer.all("error")[0]?.value.retryAfterMs).toBeGreaterThan(0);
  room.sinkIsDown = false;
  await room.wait(30_000);
  room.say(writer, "text 3", "c3");
  expect(writer.all("ack")).toHaveLength(4);
});
