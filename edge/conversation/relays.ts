import { closeCodes } from "./close-codes.ts";
import type { RelayBatch, RelayedAct, RelaySend } from "./contract.ts";
import type { Conversation } from "./conversation.ts";
import type { Database } from "./database.ts";
import { RelayLink } from "./relay-link.ts";
import type { Socket } from "./roster.ts";

export interface RelaysParts {
  readonly database: Database;
  /** Sockets that the room holds itself before it hands new ones to relays. */
  readonly roomSockets: number;
  /** Sockets that one relay holds. */
  readonly relaySockets: number;
  readonly life: string;
  /** Offset of the newest event. */
  readonly offset: () => number;
  readonly deliver: (relay: string, batch: RelayBatch) => Promise<readonly number[]>;
  /** Hears of every socket that is no longer there. */
  readonly gone: (socket: Socket) => void;
  readonly report: (what: string, error: unknown) => void;
}

/** What has to be known of a socket when the room wakes. */
interface Kept {
  readonly person: unknown;
  readonly protocol: unknown;
}

/** A client's socket that a relay holds: to the rest of the room it is a socket like any other. */
class RelayedSocket implements Socket {
  readonly id: number;
  readonly #link: RelayLink;
  readonly #keep: (attachment: Kept | null) => void;
  #kept: Kept | undefined;

  constructor(id: number, link: RelayLink, keep: (attachment: Kept | null) => void) {
    this.id = id;
    this.#link = link;
    this.#keep = keep;
  }

  send(data: RelaySend["data"]): void {
    this.#link.send(this.id, data);
  }

  close(code: number, reason: string): void {
    this.#link.close(this.id, code, reason);
  }

  /** Writes only who it is: how far the client has acknowledged changes all the time and is as good when it starts anew. */
  serializeAttachment(attachment: Kept | null): void {
    if (attachment !== null && this.#kept?.person === attachment.person) return;
    this.#kept = attachment ?? undefined;
    this.#keep(attachment);
  }
}

interface Relay {
  readonly link: RelayLink;
  readonly sockets: Map<number, RelayedSocket>;
}

/**
 * The relays of a big room. The room remains the one that orders and stores; what costs it time is a frame for each socket,
 * and of these it sends one a relay. Which sockets a relay holds for it is in storage, so that both may lose their memory.
 */
export class Relays {
  readonly #parts: RelaysParts;
  readonly #relays = new Map<string, Relay>();
  readonly #restored: { readonly socket: RelayedSocket; readonly attachment: unknown }[] = [];

  constructor(parts: RelaysParts) {
    this.#parts = parts;
    const rows = parts.database.all<{ relay: string; id: number; attachment: string }>(
      "SELECT relay, id, attachment FROM relayed_sockets ORDER BY relay, id",
    );
    for (const { relay, id, attachment } of rows) {
      const socket = this.#add(relay, id, true);
      // It need not acknowledge anew what it had before.
      const kept: Record<string, unknown> = JSON.parse(attachment);
      this.#restored.push({ socket, attachment: { ...kept, acknowledged: Number.MAX_SAFE_INTEGER } });
    }
  }

  /** The sockets that relays held when the room last lost its memory. */
  get restored(): readonly { readonly socket: Socket; readonly attachment: unknown }[] {
    return this.#restored;
  }

  /** Tells the relays of an earlier life that this one has begun, so that they find out whether they missed anything. */
  greet(): void {
    for (const { link } of this.#relays.values()) link.flush();
  }

  /** The relay that a new socket goes to; undefined: the room takes it. @param held sockets that the room holds itself */
  choose(held: number): string | undefined {
    if (held < this.#parts.roomSockets) return undefined;
    for (let number = 1; ; number++) {
      const name = String(number);
      if ((this.#relays.get(name)?.sockets.size ?? 0) < this.#parts.relaySockets) return name;
    }
  }

  /** Has relays let go of the sockets that they held for a log which was lost with the room's storage: their clients come back. */
  async disown(): Promise<void> {
    // Sockets go to the first relay that has room, so that few that hold none come before the last that holds some.
    for (let number = 1, empty = 0; empty < 4; number++) {
      empty = (await this.#disownBy(String(number))) ? 0 : empty + 1;
    }
  }

  /** False when the relay held no socket, or cannot be reached. */
  async #disownBy(relay: string): Promise<boolean> {
    for (let attempt = 1; attempt <= 3; attempt++) {
      try {
        return (await this.#parts.deliver(relay, this.#missed())).length > 0;
      } catch (error) {
        this.#parts.report("A relay could not be told that the room was rebuilt", error);
      }
    }
    return false;
  }

  /** A batch that says nothing but that a relay missed something: it closes all of its sockets. */
  #missed(): RelayBatch {
    const { life, offset } = this.#parts;
    return { life, isRestored: true, after: Infinity, upTo: offset(), sends: [], closes: [] };
  }

  /** Hands on to the conversation what a relay's clients did, in order. */
  receive(
    relay: string,
    acts: readonly RelayedAct[],
    conversation: Pick<Conversation, "connect" | "receive" | "disconnect">,
  ): void {
    for (const act of acts) {
      if (act.kind === "open") {
        conversation.connect(this.#add(relay, act.id, false), act.person, act.protocol, act.seen);
        continue;
      }
      const socket = this.#relays.get(relay)?.sockets.get(act.id);
      if (socket === undefined) {
        const { code, reason } = closeCodes.internal_error;
        // The room lost it: the client has to come back, and recovers.
        if (act.kind === "frame") this.#relay(relay, false).link.close(act.id, code, reason);
      } else if (act.kind === "frame") conversation.receive(socket, act.data);
      else conversation.disconnect(socket);
    }
  }

  #add(name: string, id: number, isRestored: boolean): RelayedSocket {
    const { database } = this.#parts;
    const relay = this.#relay(name, isRestored);
    const socket = new RelayedSocket(id, relay.link, (kept) => {
      if (kept === null) {
        relay.sockets.delete(id);
        database.all("DELETE FROM relayed_sockets WHERE relay = ? AND id = ?", name, id);
        return;
      }
      const { person, protocol } = kept;
      const attachment = JSON.stringify({ person, protocol });
      database.all("INSERT OR REPLACE INTO relayed_sockets VALUES (?, ?, ?)", name, id, attachment);
    });
    relay.sockets.set(id, socket);
    return socket;
  }

  #relay(name: string, isRestored: boolean): Relay {
    const known = this.#relays.get(name);
    if (known !== undefined) return known;
    const { life, offset, deliver, gone, report } = this.#parts;
    const sockets = new Map<number, RelayedSocket>();
    const link = new RelayLink({
      life,
      isRestored,
      offset,
      deliver: (batch) => deliver(name, batch),
      gone: (ids) => {
        for (const id of ids) {
          const socket = sockets.get(id);
          if (socket !== undefined) gone(socket);
        }
      },
      broken: (error) => {
        report("A relay could not be reached", error);
        this.#relays.delete(name);
        for (const socket of [...sockets.values()]) gone(socket);
        // If it is there after all it has to let its clients come back.
        void deliver(name, this.#missed()).catch((again: unknown) =>
          report("A relay could not be reached again", again),
        );
      },
    });
    const relay = { link, sockets };
    this.#relays.set(name, relay);
    return relay;
  }
}
