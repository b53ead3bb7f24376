import { Connection, type SocketLike } from "../../app/realtime/connection.ts";
import { type Timeline, timelineReducer } from "../../app/realtime/timeline.ts";
import type { LogPosition, Person } from "../../edge/conversation/contract.ts";
import type { ServerEvent } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { RoomSocket, type World } from "./world.ts";

/** Somebody who uses the web app's own connection and timeline, over a network that the simulation breaks. */
export class SimulatedClient {
  readonly person: Person;
  timeline: Timeline;
  readonly connection: Connection;
  /** What went wrong with the order in which events arrived. */
  readonly complaints: string[] = [];
  /** Ids of the messages that this person sent. */
  readonly sent: string[] = [];
  readonly #world: World;
  #isOnline = true;
  #sever: (() => void) | undefined;
  #lastOffset = 0;

  constructor(world: World, person: Person) {
    this.#world = world;
    this.person = person;
    this.timeline = {
      userId: person.userId,
      title: "",
      translates: true,
      epoch: "",
      offset: 0,
      messages: [],
      olderPinned: [],
      unsent: [],
      members: new Map(),
      typing: new Map(),
      hasMore: false,
    };
    this.connection = new Connection({
      conversationId: "conversation",
      requestTicket: async () => {
        await world.clock.sleep(world.between(1, 30));
        if (!this.#isOnline) throw new Error("offline");
        return { kind: "ticket", ticket: "t" };
      },
      openSocket: (path) => this.#openSocket(path),
      position: () => ({ epoch: this.timeline.epoch, offset: this.timeline.offset }),
      onEvent: (event) => this.#receive(event),
      onState: () => {},
      clock: world.clock,
      random: world.random,
    });
  }

  say(text: string): void {
    const clientMessageId = `${this.person.userId}:${this.sent.length}`;
    this.sent.push(clientMessageId);
    this.timeline = timelineReducer(this.timeline, {
      type: "compose",
      replyTo: "",
      clientMessageId,
      text,
      now: this.#world.clock.now(),
    });
    this.connection.request(clientMessageId, { event: { case: "messageSend", value: { clientMessageId, text } } });
  }

  /** Sends an old message again under its own id, as a client that missed the answer does. */
  repeat(text: string): void {
    const clientMessageId = this.#world.pick(this.sent);
    if (clientMessageId === undefined) return;
    this.connection.tell({ event: { case: "messageSend", value: { clientMessageId, text } } });
  }

  editOwn(text: string): void {
    const message = this.#world.pick(this.timeline.messages.filter(({ authorId }) => authorId === this.person.userId));
    if (message === undefined) return;
    const clientMessageId = `${this.person.userId}:edit:${this.#world.clock.now()}:${this.#world.random()}`;
    const value = { clientMessageId, messageId: message.id, text };
    this.connection.request(clientMessageId, { event: { case: "messageEdit", value } });
  }

  deleteOwn(): void {
    const message = this.#world.pick(this.timeline.messages.filter(({ authorId }) => authorId === this.person.userId));
    if (message === undefined) return;
    const clientMessageId = `${this.person.userId}:delete:${this.#world.clock.now()}:${this.#world.random()}`;
    const value = { clientMessageId, messageId: message.id };
    this.connection.request(clientMessageId, { event: { case: "messageDelete", value } });
  }

  react(): void {
    const message = this.#world.pick(this.timeline.messages);
    if (message === undefined) return;
    const emoji = this.#world.pick(["👍", "❤️", "😂"]) ?? "👍";
    const remove = message.reactions.some((one) => one.emoji === emoji && one.userIds.includes(this.person.userId));
    const clientMessageId = `${this.person.userId}:react:${this.#world.clock.now()}:${this.#world.random()}`;
    const value = { clientMessageId, messageId: message.id, emoji, remove };
    this.connection.request(clientMessageId, { event: { case: "messageReaction", value } });
  }

  pin(): void {
    const message = this.#world.pick(this.timeline.messages);
    if (message === undefined) return;
    const clientMessageId = `${this.person.userId}:pin:${this.#world.clock.now()}:${this.#world.random()}`;
    const value = { clientMessageId, messageId: message.id, remove: message.pinnedBy !== "" };
    this.connection.request(clientMessageId, { event: { case: "messagePin", value } });
  }

  type(): void {
    this.connection.tell({ event: { case: "messageTyping", value: { typing: true } } });
  }

  loadOlder(): void {
    const oldest = this.timeline.messages[0];
    if (oldest === undefined || !this.timeline.hasMore) return;
    const { epoch, offset } = this.timeline;
    this.connection.tell({ event: { case: "sync", value: { epoch, offset, before: oldest.offset } } });
  }

  /** The network is gone; what is on its way is lost. */
  goOffline(): void {
    this.#isOnline = false;
    this.#sever?.();
    this.connection.lose();
  }

  comeBack(): void {
    this.#isOnline = true;
    this.connection.wake();
  }

  /** The connection breaks without a word: neither end hears of it until it tries. */
  breakConnection(): void {
    this.#sever?.();
  }

  #receive(event: ServerEvent): void {
    if (event.event.case === "connection") this.#lastOffset = 0;
    if (event.offset > 0) {
      if (event.offset <= this.#lastOffset) this.complaints.push(`${event.offset} after ${this.#lastOffset}`);
      this.#lastOffset = event.offset;
    }
    this.timeline = timelineReducer(this.timeline, { type: "server", event, now: this.#world.clock.now() });
  }

  /** A socket whose two directions each keep their order, delay, and carry nothing once they are cut. */
  #openSocket(path: string): SocketLike {
    const { clock, between } = {
      clock: this.#world.clock,
      between: (a: number, b: number) => this.#world.between(a, b),
    };
    const events = new EventTarget();
    let isCut = false;
    let [arrivesUp, arrivesDown] = [0, 0];
    const down = (run: () => void) => {
      arrivesDown = Math.max(arrivesDown, clock.now() + between(1, 60));
      clock.after(arrivesDown - clock.now(), () => isCut || run());
    };
    const up = (run: () => void) => {
      arrivesUp = Math.max(arrivesUp, clock.now() + between(1, 60));
      clock.after(arrivesUp - clock.now(), () => isCut || run());
    };
    const closeHere = (code: number) => events.dispatchEvent(Object.assign(new Event("close"), { code }));
    const socket = new RoomSocket(
      (data) =>
        down(() => {
          const bytes = typeof data === "string" ? data : data.slice().buffer;
          events.dispatchEvent(new MessageEvent("message", { data: bytes }));
        }),
      (code) => down(() => closeHere(code)),
    );
    const leave = () => this.#world.leave(socket);
    this.#sever = () => {
      isCut = true;
      // The room notices later than the reader does, if at all before it sends.
      clock.after(between(0, 20_000), leave);
      clock.after(between(0, 200), () => closeHere(1006));
    };
    up(() => void this.#world.open(socket, this.person, positionIn(path)));
    return {
      binaryType: "arraybuffer",
      send: (data) => up(() => socket.isOpen && this.#world.receive(socket, asFrame(data))),
      close: () => up(leave),
      addEventListener: events.addEventListener.bind(events),
    };
  }
}

function asFrame(data: unknown): string | ArrayBuffer {
  if (typeof data === "string") return data === "ping" ? "[]" : data;
  if (data instanceof Uint8Array) return data.slice().buffer;
  throw new Error("A client sends text or bytes.");
}

function positionIn(path: string): LogPosition | undefined {
  const query = new URL(path, "http://room").searchParams;
  const [epoch, offset] = [query.get("epoch"), query.get("offset")];
  return epoch === null || offset === null ? undefined : { epoch, offset: Number(offset) };
}
