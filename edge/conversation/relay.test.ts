import { describe, expect, it } from "vitest";
import type { RelayBatch, RelayedAct } from "./contract.ts";
import { Relay } from "./relay.ts";
import { RelayLink } from "./relay-link.ts";
import { Relays } from "./relays.ts";
import { migrate } from "./schema.ts";
import { nodeDatabase } from "./testing/node-database.ts";
import { ana, TestSocket } from "./testing/room.ts";

/** Lets what was started come to its end. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

function newRelay(sockets: TestSocket[] = []) {
  const acts: RelayedAct[] = [];
  const room = { isDown: false };
  let ids = 0;
  const relay = new Relay({
    sockets: sockets.map((socket) => ({ socket, attachment: socket.attachment as { id: number } })),
    tell: async (some) => {
      if (room.isDown) throw new Error("down");
      acts.push(...some);
    },
    newId: () => ++ids,
    report: () => {},
  });
  const open = () => {
    const socket = new TestSocket();
    relay.open(socket, { person: ana, protocol: "json", seen: undefined });
    return socket;
  };
  return { relay, acts, room, open };
}

const batch = (init: Partial<RelayBatch>): RelayBatch => ({
  life: "one",
  isRestored: false,
  after: 0,
  upTo: 0,
  sends: [],
  closes: [],
  ...init,
});

describe("a relay", () => {
  it("tells the room in order what clients do, and sends what the room says", async () => {
    const { relay, acts, open } = newRelay();
    const socket = open();
    relay.message(socket, "[]");
    relay.closed(socket);
    const other = open();
    await settle();
    expect(acts.map(({ kind, id }) => `${kind} ${id}`)).toEqual(["open 1", "frame 1", "close 1", "open 2"]);
    expect(relay.deliver(batch({ sends: [{ to: [1, 2], data: "hello" }] }))).toEqual([1]);
    expect(other.sent).toEqual(["hello"]);
    relay.deliver(batch({ closes: [{ id: 2, code: 4403, reason: "removed" }] }));
    expect(other.closed).toBe(4403);
  });

  it("closes its sockets when a new life of the room has sent more than they got", () => {
    const { relay, open } = newRelay();
    const socket = open();
    relay.deliver(batch({ upTo: 5 }));
    expect(relay.deliver(batch({ life: "two", isRestored: true, after: 6, upTo: 6 }))).toEqual([1]);
    expect(socket.closed).toBe(4500);
  });

  it("goes on when they got everything, though it has lost its own memory", () => {
    const { relay, open } = newRelay();
    const [gone, stays] = [open(), open()];
    relay.deliver(batch({ upTo: 5 }));
    relay.closed(gone);
    const again = newRelay([stays]);
    again.relay.deliver(batch({ life: "two", isRestored: true, after: 5, upTo: 6, sends: [{ to: [2], data: "six" }] }));
    expect(stays.closed).toBeUndefined();
    expect(stays.sent).toEqual(["six"]);
  });

  it("closes those of whom the room may not have heard", async () => {
    const { relay, room, open } = newRelay();
    const [quiet, speaks] = [open(), open()];
    await settle();
    room.isDown = true;
    relay.message(speaks, "[]");
    await settle();
    expect([quiet.closed, speaks.closed]).toEqual([undefined, 4500]);
  });
});

describe("the room's way to a relay", () => {
  function newLink(deliver: (sent: RelayBatch) => Promise<number[]>) {
    const told = { gone: [] as number[], isBroken: false };
    const link = new RelayLink({
      life: "one",
      isRestored: false,
      offset: () => 1,
      deliver,
      gone: (ids) => told.gone.push(...ids),
      broken: () => {
        told.isBroken = true;
      },
    });
    return { link, told };
  }

  it("sends a frame for many once, keeps each socket's order, and one call is under way at a time", async () => {
    const batches: RelayBatch[] = [];
    const answers: ((missing: number[]) => void)[] = [];
    const { link, told } = newLink((sent) => {
      batches.push(sent);
      return new Promise((resolve) => answers.push(resolve));
    });
    for (const id of [1, 2]) for (const data of ["a", "b"]) link.send(id, data);
    link.send(1, "a");
    await settle();
    link.send(2, "c");
    await settle();
    expect(batches.map(({ sends }) => sends.map(({ to, data }) => `${data}:${to}`))).toEqual([
      ["a:1,2", "b:1,2", "a:1"],
    ]);
    answers[0]?.([2]);
    await settle();
    expect(told.gone).toEqual([2]);
    expect(batches[1]?.sends).toEqual([{ to: [2], data: "c" }]);
  });

  it("says when a relay did not take a batch, and sends no more", async () => {
    let calls = 0;
    const { link, told } = newLink(async () => {
      calls += 1;
      throw new Error("down");
    });
    link.send(1, "a");
    await settle();
    link.send(1, "b");
    await settle();
    expect([told.isBroken, calls]).toEqual([true, 1]);
  });
});

describe("the relays of a room that was rebuilt", () => {
  it("let go of the sockets that the room no longer knows, also behind a relay without any", async () => {
    const held = [newRelay(), newRelay(), newRelay()];
    const sockets = [held[0], held[2]].flatMap((relay) => (relay === undefined ? [] : [relay.open(), relay.open()]));
    const database = nodeDatabase();
    migrate(database);
    const asked: string[] = [];
    const relays = new Relays({
      database,
      roomSockets: 1,
      relaySockets: 2,
      life: "two",
      offset: () => 9,
      deliver: async (name, sent) => {
        asked.push(name);
        if (name === "2") throw new Error("cannot be reached");
        return held[Number(name) - 1]?.relay.deliver(sent) ?? [];
      },
      gone: () => {},
      report: () => {},
    });
    await relays.disown();
    expect(sockets.map(({ closed }) => closed)).toEqual([4500, 4500, 4500, 4500]);
    expect(asked).toEqual(["1", "2", "2", "2", "3", "4", "5", "6", "7"]);
  });
});
