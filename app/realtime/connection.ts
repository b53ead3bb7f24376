import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ClientEventSchema,
  ClientFrameSchema,
  type ServerEvent,
  ServerFrameSchema,
} from "../../proto/gen/meeshy/v1/realtime_pb.js";

export const subprotocol = "meeshy.v1.proto";

/** Milliseconds. A socket that answers nothing for `pongWithin` after a ping is dead. */
export const timing = {
  backOffFirst: 500,
  backOffMost: 20_000,
  pingEvery: 25_000,
  pongWithin: 10_000,
  connectWithin: 15_000,
} as const;

/** The room says "do not come back" with these close codes (docs/protocol.md). */
export const finalCloseCodes: ReadonlySet<number> = new Set([4400, 4403, 4409, 4413]);

/** Log offsets after which the room is told how far we are. */
const ackEvery = 32;
export type ConnectionState =
  | { readonly kind: "connecting" | "open" | "waiting" }
  /** Over for good. 401: sign in again; 404: no such conversation for this person; otherwise the close code. */
  | { readonly kind: "closed"; readonly code: number };

/** The part of WebSocket that is used. */
export type SocketLike = Pick<WebSocket, "addEventListener" | "binaryType" | "close" | "send">;

/** A ticket, or the HTTP status with which the site refused one for good. Rejects when trying again may help. */
export type TicketAnswer =
  | { readonly kind: "ticket"; readonly ticket: string }
  | { readonly kind: "refused"; readonly status: number };

export interface Clock {
  now(): number;
  /** Calls back once after `ms` milliseconds; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

export interface ConnectionParts {
  readonly conversationId: string;
  readonly requestTicket: () => Promise<TicketAnswer>;
  /** Opens a socket on a path and query of the site, such as "/ws?conversation=…". */
  readonly openSocket: (path: string) => SocketLike;
  /** What the reader has seen so far. */
  readonly position: () => { readonly epoch: string; readonly offset: number };
  readonly onEvent: (event: ServerEvent) => void;
  readonly onState: (state: ConnectionState) => void;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** An event of a client, as it is made. */
export type ClientEventInit = MessageInitShape<typeof ClientEventSchema>;

/**
 * Keeps a socket to a conversation: comes back after losing it, from where the reader was, and sends every request again
 * under its own id until the room has answered it. Nothing is sent twice in effect, nothing is lost.
 */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #unanswered = new Map<string, ClientEventInit>();
  #socket: SocketLike | undefined;
  #state: ConnectionState = { kind: "waiting" };
  #attempt = 0;
  #failures = 0;
  #acked = 0;
  /** The one timer: of the next try, of the handshake, or of the heartbeat. */
  #cancelTimer = () => {};
  readonly #cancelResends = new Set<() => void>();

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  /** Connects now, unless it is connected: for the start, for coming online, and for "try again". */
  connect(): void {
    if (this.#state.kind !== "waiting") return;
    this.#cancelTimer();
    void this.#open();
  }

  /** The page became visible or the network came back: makes sure at once that the socket lives. */
  wake(): void {
    if (this.#state.kind === "open") this.#ping();
    else this.connect();
  }

  /** The network went away: the socket is given up, and tried again with back-off or on `wake`. */
  lose(): void {
    if (this.#state.kind === "open" || this.#state.kind === "connecting") this.#retryLater();
  }

  /** Sends a message, edit or deletion until the room has answered it. */
  request(clientMessageId: string, event: ClientEventInit): void {
    this.#unanswered.set(clientMessageId, event);
    if (this.#state.kind === "open") this.#send([event]);
  }

  /** Sends what may be lost (typing, asking for a page); false when there is no connection. */
  tell(event: ClientEventInit): boolean {
    if (this.#state.kind !== "open") return false;
    this.#send([event]);
    return true;
  }

  /** Ends the connection for good. */
  close(): void {
    this.#end(1000);
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    this.#setState({ kind: "connecting" });
    this.#timer(timing.connectWithin, () => this.#retryLater());
    let answer: TicketAnswer;
    try {
      answer = await this.#parts.requestTicket();
    } catch {
      if (attempt === this.#attempt) this.#retryLater();
      return;
    }
    if (attempt !== this.#attempt) return;
    if (answer.kind === "refused") this.#end(answer.status);
    else this.#listen(this.#parts.openSocket(this.#path(answer.ticket)), attempt);
  }

  #path(ticket: string): string {
    const { epoch, offset } = this.#parts.position();
    const query = new URLSearchParams({ conversation: this.#parts.conversationId, ticket });
    if (epoch !== "") {
      query.set("epoch", epoch);
      query.set("offset", String(offset));
    }
    return `/ws?${query}`;
  }

  #listen(socket: SocketLike, attempt: number): void {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      if (attempt === this.#attempt) this.#receive(data);
    });
    socket.addEventListener("close", ({ code }) => {
      if (attempt !== this.#attempt) return;
      if (finalCloseCodes.has(code)) this.#end(code);
      else this.#retryLater();
    });
  }

  #receive(data: unknown): void {
    if (this.#state.kind === "open") this.#expectSilence();
    if (!(data instanceof ArrayBuffer)) return;
    for (const event of fromBinary(ServerFrameSchema, new Uint8Array(data)).events) this.#handle(event);
    const { offset } = this.#parts.position();
    if (offset - this.#acked >= ackEvery) this.#acknowledge(offset);
  }

  #handle(event: ServerEvent): void {
    this.#parts.onEvent(event);
    switch (event.event.case) {
      case "connection":
        this.#failures = 0;
        this.#acked = 0;
        this.#setState({ kind: "open" });
        this.#expectSilence();
        this.#send([...this.#unanswered.values()]);
        break;
      case "ack":
        this.#unanswered.delete(event.event.value.clientMessageId);
        break;
      case "error":
        this.#refused(event.event.value.clientMessageId, event.event.value.retryAfterMs);
        break;
    }
  }

  #refused(clientMessageId: string, retryAfterMs: number): void {
    const request = this.#unanswered.get(clientMessageId);
    if (request === undefined) return;
    if (retryAfterMs === 0) {
      this.#unanswered.delete(clientMessageId);
      return;
    }
    const cancel = this.#parts.clock.after(retryAfterMs, () => {
      this.#cancelResends.delete(cancel);
      if (this.#unanswered.has(clientMessageId)) this.tell(request);
    });
    this.#cancelResends.add(cancel);
  }

  #expectSilence(): void {
    this.#timer(timing.pingEvery, () => this.#ping());
  }

  #ping(): void {
    this.#acknowledge(this.#parts.position().offset);
    this.#socket?.send("ping");
    this.#timer(timing.pongWithin, () => this.#retryLater());
  }

  #acknowledge(offset: number): void {
    if (offset <= this.#acked) return;
    this.#acked = offset;
    this.tell({ event: { case: "ack", value: { offset } } });
  }

  #send(events: readonly ClientEventInit[]): void {
    // One event per frame: the room refuses frames over 64 KiB, which three long texts may exceed.
    for (const event of events) {
      this.#socket?.send(toBinary(ClientFrameSchema, create(ClientFrameSchema, { events: [event] })));
    }
  }

  #retryLater(): void {
    this.#drop();
    this.#setState({ kind: "waiting" });
    // Full jitter: clients that lost the room together do not come back together.
    const most = Math.min(timing.backOffMost, timing.backOffFirst * 2 ** this.#failures++);
    this.#timer(this.#parts.random() * most, () => void this.#open());
  }

  #end(code: number): void {
    this.#drop();
    for (const cancel of this.#cancelResends) cancel();
    this.#cancelResends.clear();
    this.#setState({ kind: "closed", code });
  }

  #drop(): void {
    // Whatever the old socket or ticket still says belongs to an attempt that is over.
    this.#attempt++;
    this.#cancelTimer();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #timer(ms: number, callback: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#parts.clock.after(ms, callback);
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#parts.onState(state);
  }
}
