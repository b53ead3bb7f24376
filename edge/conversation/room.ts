import { DurableObject } from "cloudflare:workers";
import { Router } from "itty-router";
import { type Env, parseSettings, type Settings } from "../env.ts";
import type { FleetFetch } from "../fleet/fleet.ts";
import { fleetRegistry } from "../fleet/fleet-registry.ts";
import { uuidv7 } from "../ids.ts";
import { openStore } from "../store/index.ts";
import { openTranslator } from "../translation/open.ts";
import type {
  HistoryPage,
  HistoryQuery,
  LogPosition,
  Person,
  RelayedAct,
  RoomApi,
  SendInput,
  SendOutcome,
} from "./contract.ts";
import { Conversation } from "./conversation.ts";
import { relayName } from "./conversation-relay.ts";
import { durableDatabase } from "./database.ts";
import { errorCodes } from "./error-codes.ts";
import type { NotifierParts } from "./notifier.ts";
import type { LogSink } from "./outbox.ts";
import { Load } from "./pacing.ts";
import { Relays } from "./relays.ts";
import { migrate } from "./schema.ts";
import { readSocketRequest, relayHeader } from "./socket-request.ts";
import { acceptSocket, closeQuietly, upgraded } from "./sockets.ts";

/** Of all rooms in this isolate. */
const load = new Load(() => Date.now());

/**
 * The Durable Object of a conversation: its storage, sockets and alarm, around the plain `Conversation`. It may vanish
 * between any two events; what it needs then is in storage and in the sockets' attachments.
 */
export class ConversationRoom extends DurableObject<Env> implements RoomApi {
  readonly #conversation: Conversation;
  readonly #relays: Relays;
  readonly #router = Router();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const settings = parseSettings(env);
    const database = durableDatabase(ctx.storage);
    migrate(database);
    const report = (what: string, error: unknown) =>
      console.error(`${what}: ${error instanceof Error ? error.message : "unknown error"}`);
    const translator = openTranslator({
      settings,
      database,
      fetch: this.fleetFetch(env),
      registered: settings.FLEET_SECRET === undefined ? undefined : () => fleetRegistry(env).list(),
      conversation: () => ctx.id.toString(),
      report,
    });
    const held = ctx.getWebSockets().map((socket) => ({ socket, attachment: socket.deserializeAttachment() }));
    this.#relays = new Relays({
      database,
      roomSockets: settings.ROOM_SOCKETS,
      relaySockets: settings.RELAY_SOCKETS,
      life: crypto.randomUUID(),
      offset: () => this.#conversation.position.offset,
      deliver: (relay, batch) => {
        const { CONVERSATION_RELAY: relays } = env;
        return relays.get(relays.idFromName(relayName(ctx.id.name ?? "", relay))).deliver(batch);
      },
      gone: (socket) => this.#conversation.disconnect(socket),
      report,
    });
    this.#conversation = new Conversation({
      database,
      sockets: [...held, ...this.#relays.restored],
      sink: this.logSink(settings),
      translate: (question) => translator.translate(question),
      now: () => Date.now(),
      random: () => Math.random(),
      newId: () => uuidv7(),
      // Not awaited: an alarm is part of the same durable write as the events that it is for.
      setAlarm: (at) => void ctx.storage.setAlarm(at),
      notify: this.notifyInbox(env),
      writeRate: settings.WRITE_RATE,
      pace: { load, defer: (ms, callback) => void setTimeout(callback, ms) },
      report,
    });
    this.#relays.greet();
    if (ctx.id.name !== undefined) this.#conversation.name(ctx.id.name);
    this.#router.get("/socket", (request: Request) => this.#openSocket(request));
    // Answered without waking the room.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** How inference servers are reached. */
  protected fleetFetch({ INFERENCE: inference }: Env): FleetFetch {
    return (url, init) => (inference === undefined ? fetch(url, init) : inference.fetch(url, init));
  }

  /** How members' inboxes are told of what happens here. */
  protected notifyInbox({ USER_INBOX: inboxes }: Env): NotifierParts["notify"] | undefined {
    return (userId, update) => inboxes.get(inboxes.idFromName(userId)).update(update);
  }

  /** Where the log is carried to. */
  protected logSink(settings: Settings): LogSink {
    return openStore(settings).messages;
  }

  override async fetch(request: Request): Promise<Response> {
    return (await this.#router.fetch(request)) ?? new Response("Not found", { status: 404 });
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#conversation.receive(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#conversation.disconnect(socket, socket.deserializeAttachment());
    closeQuietly(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#conversation.disconnect(socket, socket.deserializeAttachment());
  }

  override alarm(): Promise<void> {
    return this.#conversation.alarm();
  }

  async send(person: Person, input: SendInput): Promise<SendOutcome> {
    return this.#conversation.send(person, input);
  }

  async history(reader: Person, query: HistoryQuery): Promise<HistoryPage> {
    return this.#conversation.history(reader, query);
  }

  async membersChanged(conversationId: string, title: string, members: readonly Person[]): Promise<void> {
    this.#conversation.membersChanged(conversationId, title, members);
  }

  async position(): Promise<LogPosition> {
    return this.#conversation.position;
  }

  async relayed(relay: string, acts: readonly RelayedAct[]): Promise<void> {
    this.#relays.receive(relay, acts, this.#conversation);
  }

  #openSocket(request: Request): Response {
    const opening = readSocketRequest(request);
    if (opening instanceof Response) return opening;
    const waitMs = this.#conversation.admit(opening.person.userId);
    if (waitMs > 0) return refuseConnection(waitMs);
    const relay = this.#relays.choose(this.ctx.getWebSockets().length);
    if (relay !== undefined) return new Response(null, { status: 204, headers: { [relayHeader]: relay } });
    const { client, server } = acceptSocket(this.ctx, [opening.person.userId]);
    if (opening.conversationId !== "") this.#conversation.name(opening.conversationId);
    this.#conversation.connect(server, opening.person, opening.protocol, opening.seen);
    return upgraded(client, opening.subprotocol);
  }
}

function refuseConnection(retryAfterMs: number): Response {
  const { status, message: detail } = errorCodes.connecting_too_fast;
  const headers = {
    "content-type": "application/problem+json",
    "retry-after": String(Math.ceil(retryAfterMs / 1_000)),
  };
  return new Response(JSON.stringify({ status, code: "connecting_too_fast", detail, retryAfterMs }), {
    status,
    headers,
  });
}
