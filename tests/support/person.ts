import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { WebSocket } from "undici";
import { type Message, type ServerEvent, ServerEventSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";

/** A person who uses the public API and sockets of a running Meeshy, as a bot would. */
export class Person {
  readonly userId: string;
  readonly username: string;
  readonly token: string;
  readonly #url: string;

  private constructor(url: string, session: { userId: string; username: string; token: string }) {
    this.#url = url;
    this.userId = session.userId;
    this.username = session.username;
    this.token = session.token;
  }

  /** Registers somebody new who reads the language. */
  static register(url: string, readingLanguage: string, name = "person"): Promise<Person> {
    const username = `${name}-${crypto.randomUUID().slice(0, 8)}`;
    const body = { username, displayName: name, password: "a long enough password", readingLanguage };
    return Person.#begin(url, "register", body);
  }

  /** Joins by invite without an account, as somebody who reads the language. */
  static joinAsGuest(url: string, code: string, readingLanguage: string): Promise<Person> {
    return Person.#begin(url, "guests", { code, displayName: "guest", readingLanguage });
  }

  static async #begin(url: string, way: "register" | "guests", body: object): Promise<Person> {
    const answer = await fetch(`${url}/api/auth/${way}`, json("POST", body));
    if (!answer.ok) throw new Error(`${way}: ${answer.status} ${await answer.text()}`);
    const { accessToken, user } = (await answer.json()) as {
      accessToken: string;
      user: { id: string; username: string };
    };
    return new Person(url, { userId: user.id, username: user.username, token: accessToken });
  }

  /** Calls the API as this person; any status is an answer. */
  call(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.#url}/api${path}`, json(method, body, this.token));
  }

  /** Calls the API and reads the answer; throws when it is refused. */
  async get<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.call(method, path, body);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }

  /** A conversation with these people, owned by this one. */
  async startConversation(...others: readonly Person[]): Promise<string> {
    const input = { title: "Test", members: others.map((other) => other.username) };
    return (await this.get<{ id: string }>("POST", "/conversations", input)).id;
  }

  /** Opens a socket on the conversation; `seen` recovers what came after it. */
  open(conversationId: string, seen?: { epoch: string; offset: number }): Socket {
    const query = new URLSearchParams({ conversation: conversationId });
    if (seen !== undefined) {
      query.set("epoch", seen.epoch);
      query.set("offset", String(seen.offset));
    }
    const url = `${this.#url.replace("http", "ws")}/ws?${query}`;
    return new Socket(
      new WebSocket(url, { protocols: ["meeshy.v1.json"], headers: { authorization: `Bearer ${this.token}` } }),
    );
  }
}

/** One socket that speaks `meeshy.v1.json` and keeps every event it got. */
export class Socket {
  readonly events: ServerEvent[] = [];
  /** Arrival of each event, milliseconds of the monotonic clock. */
  readonly arrivedAt: number[] = [];
  closeCode: number | undefined;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #opened = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("open", () => {
      this.#opened = true;
      this.#wake();
    });
    socket.addEventListener("message", ({ data }) => {
      for (const event of JSON.parse(String(data)) as JsonValue[]) {
        this.events.push(fromJson(ServerEventSchema, event));
        this.arrivedAt.push(performance.now());
      }
      this.#wake();
    });
    socket.addEventListener("close", ({ code }) => {
      this.closeCode = code;
      this.#wake();
    });
    // A failed handshake also closes: the close code tells.
    socket.addEventListener("error", () => {});
  }

  /** Waits until the socket has what is looked for; fails with what it has instead. */
  async until<Found>(find: (socket: this) => Found | undefined, timeoutMs = 15_000): Promise<Found> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = find(this);
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`Waited ${timeoutMs} ms in vain; events: ${this.kinds.join(" ")}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        const waiting = this.#waiting;
        function done() {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
        waiting.add(done);
      });
    }
  }

  /** Waits for the socket's `connection` event. */
  connected() {
    return this.until((socket) => socket.all("connection")[0]);
  }

  get kinds(): string[] {
    return this.events.map(({ event }) => event.case ?? "nothing");
  }

  /** The values of all events of a kind, in order of arrival. */
  all<Kind extends NonNullable<ServerEvent["event"]["case"]>>(kind: Kind) {
    type Value = Extract<ServerEvent["event"], { case: Kind; value: object }>["value"];
    return this.events.flatMap(({ event }) => (event.case === kind ? [event.value as Value] : []));
  }

  /** Every message seen on this socket, live or in a sync. */
  get messages(): Message[] {
    return [...this.all("sync").flatMap(({ messages }) => messages), ...this.all("messageReceive")];
  }

  /** Sends one or more client events, each in Protobuf's JSON mapping. */
  send(...events: readonly Readonly<Record<string, unknown>>[]): void {
    this.sendRaw(JSON.stringify(events));
  }

  sendRaw(frame: string | Uint8Array<ArrayBuffer>): void {
    if (!this.#opened) throw new Error("Wait for the connection first.");
    this.#socket.send(frame);
  }

  /** Sends a message and waits for its acknowledgement. */
  async say(text: string, clientMessageId: string = crypto.randomUUID()) {
    this.send({ "message:send": { clientMessageId, text } });
    return this.until((socket) => socket.all("ack").find((ack) => ack.clientMessageId === clientMessageId));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.until((socket) => socket.closeCode);
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

function json(method: string, body: unknown, token?: string): RequestInit {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  return { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}
