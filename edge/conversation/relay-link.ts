import type { RelayBatch, RelaySend } from "./contract.ts";

export interface RelayLinkParts {
  /** Names this life of the room: another one is another room in memory over the same log. */
  readonly life: string;
  /** Whether an earlier life had this relay. */
  readonly isRestored: boolean;
  /** Offset of the newest event; whatever is in the log was given to the link before this is asked. */
  readonly offset: () => number;
  /** Takes a batch to the relay; answers with the sockets that are no longer there. */
  readonly deliver: (batch: RelayBatch) => Promise<readonly number[]>;
  readonly gone: (ids: readonly number[]) => void;
  /** The relay did not take a batch: what its sockets have got is not known. */
  readonly broken: (error: unknown) => void;
}

/**
 * The room's way to the sockets of one relay. What the room sends in one turn is one call, with a frame that goes to many
 * sockets in it once. One call is under way at a time, and what comes meanwhile goes together in the next: so order is kept,
 * and a slow relay gets larger batches instead of a queue of calls.
 */
export class RelayLink {
  readonly #parts: RelayLinkParts;
  #sends: { readonly to: number[]; readonly data: RelaySend["data"] }[] = [];
  #closes: { readonly id: number; readonly code: number; readonly reason: string }[] = [];
  /** Where in the batch a frame stands, and where a socket's last one does. */
  #placeOf = new Map<RelaySend["data"], number>();
  #lastOf = new Map<number, number>();
  /** Undefined until the first batch: nothing is sent before the log is open. */
  #after: number | undefined;
  #isBusy = false;
  #isBroken = false;

  constructor(parts: RelayLinkParts) {
    this.#parts = parts;
  }

  send(id: number, data: RelaySend["data"]): void {
    const last = this.#lastOf.get(id) ?? -1;
    let place = this.#placeOf.get(data);
    // A frame that others get before what this socket gets last cannot stand for one after it.
    if (place === undefined || place <= last) {
      place = this.#sends.push({ to: [], data }) - 1;
      this.#placeOf.set(data, place);
    }
    this.#sends[place]?.to.push(id);
    this.#lastOf.set(id, place);
    this.flush();
  }

  close(id: number, code: number, reason: string): void {
    this.#closes.push({ id, code, reason });
    this.flush();
  }

  /** Says at the end of this turn what there is to say, or only how far the log is. */
  flush(): void {
    if (this.#isBusy || this.#isBroken) return;
    this.#isBusy = true;
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    const { life, isRestored, offset, deliver, gone, broken } = this.#parts;
    try {
      do {
        const upTo = offset();
        const batch: RelayBatch = {
          life,
          isRestored,
          after: this.#after ?? upTo,
          upTo,
          sends: this.#sends,
          closes: this.#closes,
        };
        this.#sends = [];
        this.#closes = [];
        this.#placeOf = new Map();
        this.#lastOf = new Map();
        const missing = await deliver(batch);
        this.#after = upTo;
        if (missing.length > 0) gone(missing);
      } while (this.#sends.length > 0 || this.#closes.length > 0);
    } catch (error) {
      this.#isBroken = true;
      broken(error);
    } finally {
      this.#isBusy = false;
    }
  }
}
