import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { beforeEach, describe, expect, it } from "vitest";
import { ClientFrameSchema, type ServerEvent, ServerFrameSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { Connection, type ConnectionState, type TicketAnswer, timing } from "./connection.ts";
import { connection, received, serverEvent } from "./testing.ts";

/** A clock that a test turns on by hand. */
class ManualClock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now = () => this.#now;
  after = (ms: number, callback: () => void) => {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }
}

/** The room's end of a socket. */
class FakeSocket extends EventTarget {
  binaryType: BinaryType = "blob";
  isClosed = false;
  readonly texts: string[] = [];
  readonly sent: ReturnType<typeof decode>[number][] = [];
  readonly path: string;

  constructor(path: string) {
    super();
    this.path = path;
  }
  send(data: unknown): void {
    if (typeof data === "string") this.texts.push(data);
    else if (data instanceof Uint8Array) this.sent.push(...decode(data));
  }
  close(): void {
    this.isClosed = true;
  }
  say(...events: ServerEvent[]): void {
    const bytes = toBinary(ServerFrameSchema, create(ServerFrameSchema, { events }));
    this.dispatchEvent(new MessageEvent("message", { data: bytes.slice().buffer }));
  }
  pong(): void {
    this.dispatchEvent(new MessageEvent("message", { data: "pong" }));
  }
  lose(code: number): void {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

const decode = (data: Uint8Array) => fromBinary(ClientFrameSchema, data).events.map(({ event }) => event);
const send = (clientMessageId: string) =>
  ({ event: { case: "messageSend", value: { clientMessageId, text: "hello" } } }) as const;
const ack = (clientMessageId: string) =>
  serverEvent({ case: "ack", value: { clientMessageId, messageId: "m", offset: 1 } });

let clock: ManualClock;
let sockets: FakeSocket[];
let states: ConnectionState[];
let heard: string[];
let position: { epoch: string; offset: number };
let tickets: (() => Promise<TicketAnswer>)[];
let client: Connection;

beforeEach(() => {
  clock = new ManualClock();
  [sockets, states, heard, tickets] = [[], [], [], []];
  position = { epoch: "", offset: 0 };
  client = new Connection({
    conversationId: "trip",
    requestTicket: () => (tickets.shift() ?? (() => Promise.resolve({ kind: "ticket", ticket: "t" } as const)))(),
    openSocket(path) {
      const socket = new FakeSocket(path);
      sockets.push(socket);
      return socket;
    },
    position: () => position,
    onEvent: ({ event }) => heard.push(event.case ?? ""),
    onState: (state) => states.push(state),
    clock,
    random: () => 1,
  });
});

/** The newest socket, once the ticket for it has come. */
async function socket(count: number): Promise<FakeSocket> {
  await expect.poll(() => sockets.length).toBe(count);
  const newest = sockets.at(-1);
  if (newest === undefined) throw new Error("There is no socket.");
  return newest;
}

async function open(count = 1): Promise<FakeSocket> {
  const opened = await socket(count);
  opened.say(connection());
  return opened;
}

describe("a connection", () => {
  it("tells events in order and where it had been when it comes back", async () => {
    client.connect();
    const first = await open();
    expect(first.path).toBe("/ws?conversation=trip&ticket=t");
    first.say(received(1), serverEvent({ case: "messageTyping", value: { userId: "ben", typing: true } }));
    expect(heard).toEqual(["connection", "messageReceive", "messageTyping"]);
    position = { epoch: "first", offset: 1 };
    first.lose(1006);
    clock.pass(timing.backOffFirst);
    expect((await socket(2)).path).toBe("/ws?conversation=trip&ticket=t&epoch=first&offset=1");
  });

  it("waits longer after each failure, up to a bound, and forgets them once connected", async () => {
    const refuse = () => Promise.reject(new Error("offline"));
    tickets = [refuse, refuse];
    client.connect();
    await expect.poll(() => states.at(-1)?.kind).toBe("waiting");
    clock.pass(timing.backOffFirst - 1);
    expect(states.at(-1)?.kind).toBe("waiting");
    clock.pass(1);
    expect(states.at(-1)?.kind).toBe("connecting");
    await expect.poll(() => states.at(-1)?.kind).toBe("waiting");
    clock.pass(timing.backOffFirst);
    expect(states.at(-1)?.kind).toBe("waiting");
    clock.pass(timing.backOffFirst);
    const opened = await open();
    opened.lose(4500);
    clock.pass(timing.backOffFirst);
    expect(states.at(-1)?.kind).toBe("connecting");
  });

  it.each([4400, 4403, 4409, 4413])("stays away when the room closes with %i", async (code) => {
    client.connect();
    (await open()).lose(code);
    clock.pass(3_600_000);
    client.wake();
    expect(states.at(-1)).toEqual({ kind: "closed", code });
    expect(sockets).toHaveLength(1);
  });

  it("ends when the ticket is refused for good", async () => {
    tickets = [() => Promise.resolve({ kind: "refused", status: 401 })];
    client.connect();
    await expect.poll(() => states.at(-1)).toEqual({ kind: "closed", code: 401 });
  });

  it("comes back at once when the network does", async () => {
    client.connect();
    (await open()).lose(1006);
    client.wake();
    await socket(2);
  });

  it("gives up a handshake that does not end", async () => {
    client.connect();
    const stuck = await socket(1);
    clock.pass(timing.connectWithin);
    expect(stuck.isClosed).toBe(true);
    expect(states.at(-1)?.kind).toBe("waiting");
  });
});

describe("the heartbeat", () => {
  it("keeps a socket that answers and drops one that does not", async () => {
    client.connect();
    const opened = await open();
    clock.pass(timing.pingEvery);
    expect(opened.texts).toEqual(["ping"]);
    opened.pong();
    clock.pass(timing.pingEvery);
    expect(opened.texts).toEqual(["ping", "ping"]);
    expect(opened.isClosed).toBe(false);
    clock.pass(timing.pongWithin);
    expect(opened.isClosed).toBe(true);
    expect(states.at(-1)?.kind).toBe("waiting");
  });

  it("tells the room how far this reader is", async () => {
    client.connect();
    const opened = await open();
    position = { epoch: "first", offset: 5 };
    clock.pass(timing.pingEvery);
    expect(opened.sent).toMatchObject([{ case: "ack", value: { offset: 5 } }]);
  });
});

describe("a request", () => {
  it("is sent again under its own id until the room has answered it", async () => {
    client.request("a", send("a"));
    client.connect();
    const first = await open();
    client.request("b", send("b"));
    first.say(ack("a"));
    first.lose(1006);
    clock.pass(timing.backOffFirst);
    const second = await open(2);
    expect(first.sent.map(({ value }) => value)).toMatchObject([{ clientMessageId: "a" }, { clientMessageId: "b" }]);
    expect(second.sent.map(({ value }) => value)).toMatchObject([{ clientMessageId: "b" }]);
  });

  it("waits as long as the room asks when it is too fast, and is dropped when it is refused", async () => {
    client.connect();
    const opened = await open();
    client.request("a", send("a"));
    const slowDown = { code: "rate_limited", message: "Slow down.", clientMessageId: "a", retryAfterMs: 2_000 };
    opened.say(serverEvent({ case: "error", value: slowDown }));
    clock.pass(1_999);
    expect(opened.sent).toHaveLength(1);
    clock.pass(1);
    expect(opened.sent).toHaveLength(2);
    opened.say(serverEvent({ case: "error", value: { ...slowDown, code: "message_empty", retryAfterMs: 0 } }));
    opened.lose(1006);
    clock.pass(timing.backOffFirst);
    expect((await open(2)).sent).toEqual([]);
  });
});
