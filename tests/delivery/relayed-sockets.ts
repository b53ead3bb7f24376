import type { LogPosition, Person, RelayBatch, RelayedAct } from "../../edge/conversation/contract.ts";
import { Relay } from "../../edge/conversation/relay.ts";
import type { RoomSocket, World } from "./world.ts";

/** The relays of the simulated room: calls between them and the room take time, fail, and may fail after they were done. */
export class RelayedSockets {
  readonly #world: World;
  readonly #relays = new Map<string, Relay>();
  /** Which relay holds a socket. */
  readonly #via = new Map<RoomSocket, string>();
  #ids = 0;

  constructor(world: World) {
    this.#world = world;
  }

  get names(): string[] {
    return [...this.#relays.keys()];
  }

  has(socket: RoomSocket): boolean {
    return this.#via.has(socket);
  }

  open(name: string, socket: RoomSocket, person: Person, seen: LogPosition | undefined): void {
    this.#via.set(socket, name);
    this.#relay(name).open(socket, { person, protocol: "proto", seen });
  }

  receive(socket: RoomSocket, data: string | ArrayBuffer): void {
    this.#relays.get(this.#via.get(socket) ?? "")?.message(socket, data);
  }

  leave(socket: RoomSocket): void {
    this.#relays.get(this.#via.get(socket) ?? "")?.closed(socket);
    this.#via.delete(socket);
  }

  /** A relay is gone with its sockets, and in its place is a new one that knows nothing. */
  crash(name: string): void {
    this.#relays.delete(name);
    for (const [socket, via] of this.#via) {
      if (via !== name) continue;
      this.#via.delete(socket);
      socket.close(1006);
    }
  }

  async deliver(name: string, batch: RelayBatch): Promise<number[]> {
    await this.#world.clock.sleep(this.#world.between(1, 15));
    if (this.#world.chance(0.01)) throw new Error("The relay cannot be reached.");
    const missing = this.#relay(name).deliver(batch);
    if (this.#world.chance(0.01)) throw new Error("The answer is lost.");
    return missing;
  }

  #relay(name: string): Relay {
    const known = this.#relays.get(name);
    if (known !== undefined) return known;
    const relay: Relay = new Relay({
      sockets: [],
      tell: async (acts: readonly RelayedAct[]) => {
        await this.#world.clock.sleep(this.#world.between(1, 15));
        // Of a relay that has crashed meanwhile nobody hears any more.
        if (this.#relays.get(name) !== relay) return;
        if (this.#world.chance(0.01)) throw new Error("The room cannot be reached.");
        await this.#world.hear(name, acts);
        if (this.#world.chance(0.01)) throw new Error("The answer is lost.");
      },
      newId: () => ++this.#ids,
      report: () => {},
    });
    this.#relays.set(name, relay);
    return relay;
  }
}
