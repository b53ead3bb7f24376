import { env } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ClientEventSchema,
  ClientFrameSchema,
  type ServerEvent,
} from "../../../proto/gen/meeshy/v1/realtime_pb.js";
import type { LogPosition, Person } from "../contract.ts";
import { decodeServerFrame } from "../frames.ts";
import { subprotocols } from "../limits.ts";
import { personHeader } from "../socket-request.ts";

type Kind = Exclude<ServerEvent["event"]["case"], undefined>;
type Value<K extends Kind> = Extract<ServerEvent["event"], { case: K }>["value"];

/** A client of a room inside workerd, over a real WebSocket. */
export class TestClient {
  readonly events: ServerEvent[] = [];
  closed: number | undefined;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) this.events.push(...decodeServerFrame(new Uint8Array(data)));
      this.#changed();
    });
    socket.addEventListener("close", ({ code }) => {
      this.closed = code;
      this.#changed();
    });
    socket.binaryType = "arraybuffer";
    socket.accept();
  }

  static open(conversation: string, person: Person, seen?: LogPosition): Promise<TestClient> {
    const query = new URLSearchParams({
      conversation,
      ...(seen && { epoch: seen.epoch, offset: String(seen.offset) }),
    });
    return TestClient.#open(`socket?${query}`, person);
  }

  /** The socket of a person's inbox. */
  static openInbox(person: Person): Promise<TestClient> {
    return TestClient.#open("inbox", person);
  }

  static async #open(path: string, person: Person): Promise<TestClient> {
    const response = await exports.default.fetch(`https://meeshy.test/${path}`, {
      headers: {
        upgrade: "websocket",
        "sec-websocket-protocol": subprotocols.proto,
        [personHeader]: encodeURIComponent(JSON.stringify(person)),
      },
    });
    if (response.webSocket === null) throw new Error(`No socket: ${response.status} ${await response.text()}`);
    const client = new TestClient(response.webSocket);
    await client.until("connection");
    return client;
  }

  all<K extends Kind>(kind: K): { offset: number; value: Value<K> }[] {
    return this.events.flatMap(({ offset, event }) =>
      event.case === kind ? [{ offset, value: event.value as Value<K> }] : [],
    );
  }

  get texts(): string[] {
    return this.all("messageReceive").map(({ value }) => value.text);
  }

  get translations(): string[] {
    return this.all("messageTranslation").map(({ value }) => value.text);
  }

  /** Where a well-behaved client stands now. */
  get seen(): LogPosition {
    const connection = this.all("connection").at(-1)?.value;
    const offset = Math.max(connection?.offset ?? 0, ...this.events.map((event) => event.offset));
    return { epoch: connection?.epoch ?? "", offset };
  }

  emit(...events: MessageInitShape<typeof ClientEventSchema>[]): void {
    this.#socket.send(toBinary(ClientFrameSchema, create(ClientFrameSchema, { events })));
  }

  say(text: string, clientMessageId: string = crypto.randomUUID()): void {
    this.emit({ event: { case: "messageSend", value: { clientMessageId, text } } });
  }

  raw(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close(1000);
  }

  /** Waits until `count` events of a kind are there. */
  until(kind: Kind, count = 1): Promise<void> {
    return this.when(() => this.all(kind).length >= count, `${count} ${kind}`);
  }

  /** Waits until a condition on what the client got holds. */
  async when(condition: () => boolean, what = "the condition"): Promise<void> {
    const late = AbortSignal.timeout(10_000);
    while (!condition()) {
      if (late.aborted)
        throw new Error(`Waited in vain for ${what}; got ${this.events.map(({ event }) => event.case)}`);
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#waiting.delete(done);
          resolve();
        };
        this.#waiting.add(done);
        late.addEventListener("abort", done, { once: true });
      });
    }
  }

  #changed(): void {
    for (const done of this.#waiting) done();
  }
}

/** The room of a conversation. */
export const roomOf = (conversation: string) =>
  env.CONVERSATION_ROOM.get(env.CONVERSATION_ROOM.idFromName(conversation));
