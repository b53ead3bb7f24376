import { RawSocket, stamp } from "./raw-socket.ts";
import { type Dialect, dialects, type Target, type TargetName } from "./servers.ts";

/** So many rooms, each with so many members who are all connected. */
export interface Crowd {
  readonly rooms: number;
  readonly members: number;
}

export interface Measurement {
  readonly target: TargetName;
  /** Publishes per second that were asked for, and that were sent. */
  readonly asked: number;
  readonly publishes: number;
  /** Messages received per second, over all sockets. */
  readonly deliveries: number;
  /** Milliseconds from the intended time of sending to the receipt. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Share of the expected deliveries that never came. */
  readonly loss: number;
  /** Cores that the server used, and that this generator used. */
  readonly serverCores: number;
  readonly generatorCores: number;
  /** Bytes. */
  readonly memory: number;
}

/** Milliseconds after which a client acknowledges anew. */
const acknowledgeMs = 1_000;

const microseconds = (): number => performance.now() * 1_000;

/** Sockets of a crowd, ready to be loaded again and again. */
export class Load {
  readonly sockets: { readonly socket: RawSocket; readonly room: string }[] = [];
  readonly #target: Target;
  readonly #name: TargetName;
  readonly #dialect: Dialect;
  #histogram = new Histogram();
  #measureFrom = Number.POSITIVE_INFINITY;
  #measureTo = Number.POSITIVE_INFINITY;
  #ids = 0;
  #acknowledged = 0;
  /** Messages of this run that count. */
  #measured = 0;

  constructor(target: Target, name: TargetName) {
    this.#target = target;
    this.#name = name;
    this.#dialect = dialects[name];
  }

  /** Connects a crowd, some at a time; returns the seconds it took. */
  async connect({ rooms, members }: Crowd, atOnce = 50): Promise<number> {
    const startedAt = performance.now();
    const wanted = Array.from({ length: rooms * members }, (_, index) => index);
    const queue = wanted[Symbol.iterator]();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const index of queue) {
          const room = `room-${Math.floor(index / members)}`;
          const socket = await RawSocket.open({
            port: this.#target.port,
            path: this.#dialect.path(room, `user-${index}`),
            protocol: this.#dialect.protocol,
            hello: this.#dialect.hello,
            onStamp: (sent) => this.#arrived(sent),
          });
          this.sockets.push({ socket, room });
        }
      }),
    );
    return (performance.now() - startedAt) / 1_000;
  }

  /** Publishes at a rate for some seconds, open loop: a late send counts from when it should have been. */
  async run(rate: number, seconds: number, members: number): Promise<Measurement> {
    const warmup = Math.min(1, seconds / 4);
    this.#histogram = new Histogram();
    this.#measured = 0;
    const start = microseconds() + 50_000;
    this.#measureFrom = start + warmup * 1e6;
    this.#measureTo = start + seconds * 1e6;
    const [cpu, own] = [this.#target.cpuSeconds(), process.cpuUsage()];
    const total = Math.floor(rate * seconds);
    let sent = 0;
    const acknowledging = setInterval(() => this.#acknowledge(), acknowledgeMs / 10);
    await new Promise<void>((resolve) => {
      const tick = () => {
        const now = microseconds();
        while (sent < total && start + (sent * 1e6) / rate <= now) this.#publish(sent++, start, rate);
        if (sent >= total) resolve();
        else setTimeout(tick, 1);
      };
      tick();
    });
    clearInterval(acknowledging);
    const lasted = (microseconds() - start) / 1e6;
    const used = process.cpuUsage(own);
    const serverCores = (this.#target.cpuSeconds() - cpu) / lasted;
    const expected = this.#measured * members;
    // What is on its way gets time to arrive, as long as anything does.
    for (let last = -1; last < this.#histogram.count && this.#histogram.count < expected; ) {
      last = this.#histogram.count;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return {
      target: this.#name,
      asked: rate,
      publishes: total / lasted,
      deliveries: this.#histogram.count / (lasted - warmup),
      p50: this.#histogram.quantile(0.5),
      p95: this.#histogram.quantile(0.95),
      p99: this.#histogram.quantile(0.99),
      loss: Math.max(0, 1 - this.#histogram.count / expected),
      serverCores,
      generatorCores: (used.user + used.system) / 1e6 / lasted,
      memory: this.#target.memoryBytes(),
    };
  }

  #publish(index: number, start: number, rate: number): void {
    const intended = Math.round(start + (index * 1e6) / rate);
    if (this.#counts(intended)) this.#measured += 1;
    const sender = this.sockets[(index * 7_919) % this.sockets.length];
    // About as long as a chat message: 60 characters.
    const text = `${stamp(intended)} and the rest of what somebody has to say, so`;
    sender?.socket.send(this.#dialect.publish(text, `c${this.#ids++}`));
  }

  /** A tenth of the sockets at a time, so that each does it once a period. */
  #acknowledge(): void {
    const frame = this.#dialect.acknowledgement;
    if (frame === undefined) return;
    this.#acknowledged = (this.#acknowledged + 1) % 10;
    for (let at = this.#acknowledged; at < this.sockets.length; at += 10) this.sockets[at]?.socket.send(frame);
  }

  #arrived(sent: number): void {
    if (this.#counts(sent)) this.#histogram.add((microseconds() - sent) / 1_000);
  }

  #counts(sent: number): boolean {
    return sent >= this.#measureFrom && sent < this.#measureTo;
  }
}

/** Counts milliseconds in buckets of 0.05 ms up to ten seconds: millions of values in the space of few. */
class Histogram {
  readonly #buckets = new Uint32Array(200_001);
  count = 0;

  add(ms: number): void {
    const bucket = Math.min(200_000, Math.max(0, Math.floor(ms * 20)));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.count += 1;
  }

  quantile(share: number): number {
    let left = Math.ceil(share * this.count);
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      left -= this.#buckets[bucket] ?? 0;
      if (left <= 0) return (bucket + 0.5) / 20;
    }
    return 0;
  }
}
