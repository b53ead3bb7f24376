import { closeCodes } from "./close-codes.ts";
import type { RelayBatch, RelayedAct } from "./contract.ts";
import { limits } from "./limits.ts";
import type { Socket } from "./roster.ts";
import type { SocketRequest } from "./socket-request.ts";

/** What a relay knows of the room: whose life it heard of last, and up to which offset its sockets have everything. */
interface Known {
  readonly life: string;
  readonly upTo: number;
}

interface Attachment {
  readonly id: number;
  readonly known?: Known | undefined;
}

export interface RelayParts {
  /** The sockets that were open when the relay last lost its memory. */
  readonly sockets: Iterable<{ readonly socket: Socket; readonly attachment: Attachment }>;
  /** Tells the room what clients did. */
  readonly tell: (acts: readonly RelayedAct[]) => Promise<void>;
  /** Numbers that grow, also over the relay's lives. */
  readonly newId: () => number;
  readonly report: (what: string, error: unknown) => void;
}

/**
 * Holds sockets for a room that is too big to hold them all: carries what clients say to the room, and what the room sends to
 * the sockets it names. It decides nothing. When it may have missed something it closes its sockets, and the clients recover
 * from the room's log by offset as after any broken connection.
 */
export class Relay {
  readonly #parts: RelayParts;
  readonly #sockets = new Map<number, Socket>();
  readonly #ids = new Map<Socket, number>();
  #known: Known | undefined;
  #waiting: RelayedAct[] = [];
  #isTelling = false;

  constructor(parts: RelayParts) {
    this.#parts = parts;
    for (const { socket, attachment } of parts.sockets) {
      this.#hold(socket, attachment.id);
      const { known } = attachment;
      if (known !== undefined && known.upTo >= (this.#known?.upTo ?? 0)) this.#known = known;
    }
  }

  get sockets(): number {
    return this.#sockets.size;
  }

  /** Takes up a client's socket; the room answers with `connection` and what it missed. */
  open(socket: Socket, { person, protocol, seen }: Pick<SocketRequest, "person" | "protocol" | "seen">): void {
    const id = this.#parts.newId();
    this.#hold(socket, id);
    socket.serializeAttachment({ id, known: this.#known } satisfies Attachment);
    this.#tell({ kind: "open", id, person, protocol, seen });
  }

  message(socket: Socket, data: string | ArrayBuffer): void {
    const id = this.#ids.get(socket);
    // Of what is too large the room needs no more than to see that it is.
    if (id !== undefined) this.#tell({ kind: "frame", id, data: cut(data) });
  }

  closed(socket: Socket): void {
    const id = this.#ids.get(socket);
    if (id === undefined) return;
    this.#release(id, socket);
    this.#tell({ kind: "close", id });
  }

  /** Sends what the room says; answers with the sockets among those named that are not there. */
  deliver({ life, isRestored, after, upTo, sends, closes }: RelayBatch): number[] {
    const isNewLife = this.#known?.life !== life;
    // Within a life nothing is missed, unless the room says that it is: it then counts from infinity.
    const hasMissed = isNewLife ? (this.#known?.upTo ?? -1) < after : after === Infinity;
    if (isRestored && hasMissed) {
      const all = [...this.#sockets.keys()];
      this.#closeAll(all);
      this.#known = { life, upTo };
      return [...new Set([...all, ...sends.flatMap(({ to }) => to)])];
    }
    this.#note({ life, upTo });
    const missing = new Set<number>();
    for (const { to, data } of sends) {
      for (const id of to) if (!this.#send(id, data)) missing.add(id);
    }
    for (const { id, code, reason } of closes) this.#close(id, code, reason);
    return [...missing];
  }

  #send(id: number, data: string | Uint8Array): boolean {
    const socket = this.#sockets.get(id);
    if (socket === undefined) return false;
    try {
      socket.send(data);
      return true;
    } catch {
      // The peer is gone and its close event is on the way.
      return false;
    }
  }

  /** Keeps with one socket, where it outlives the relay's memory without being written to disk, how far all of them are. */
  #note(known: Known): void {
    this.#known = known;
    const [first] = this.#sockets;
    first?.[1].serializeAttachment({ id: first[0], known } satisfies Attachment);
  }

  #hold(socket: Socket, id: number): void {
    this.#sockets.set(id, socket);
    this.#ids.set(socket, id);
  }

  #release(id: number, socket: Socket): void {
    this.#sockets.delete(id);
    this.#ids.delete(socket);
    if (this.#known !== undefined) this.#note(this.#known);
  }

  #close(id: number, code: number, reason: string): void {
    const socket = this.#sockets.get(id);
    if (socket === undefined) return;
    this.#release(id, socket);
    socket.close(code, reason);
  }

  #closeAll(ids: Iterable<number>): void {
    const { code, reason } = closeCodes.internal_error;
    for (const id of ids) this.#close(id, code, reason);
  }

  #tell(act: RelayedAct): void {
    this.#waiting.push(act);
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => void this.#run());
  }

  /** One call at a time, so that the room hears of everything in order; what comes meanwhile goes together in the next. */
  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const acts = this.#waiting.splice(0, mostActs);
      try {
        await this.#parts.tell(acts);
      } catch (error) {
        this.#parts.report("The room could not be told what clients did", error);
        // Whether it heard of it is not known: who comes back sends again what was not acknowledged.
        this.#closeAll(new Set(acts.filter(({ kind }) => kind !== "close").map(({ id }) => id)));
      }
    }
    this.#isTelling = false;
  }
}

/** Acts in one call: a call's size is bounded. */
const mostActs = 200;

const cut = (data: string | ArrayBuffer): string | ArrayBuffer => data.slice(0, limits.frameBytes + 1);
