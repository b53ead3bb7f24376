import { DurableObject } from "cloudflare:workers";
import { Router } from "itty-router";
import { type Env, parseSettings, type Settings } from "../env.ts";
import type { FleetFetch } from "../fleet/fleet.ts";
import { fleetRegistry } from "../fleet/fleet-registry.ts";
import { uuidv7 } from "../ids.ts";
import { openStore } from "../store/index.ts";
import { openTranslator } from "../translation/open.ts";
import type { Archive } from "./archive.ts";
import { closeCodes } from "./close-codes.ts";
import type {
  HistoryOutcome,
  HistoryQuery,
  LogPosition,
  Person,
  RelayedAct,
  Revision,
  RoomApi,
  SendInput,
  SendOutcome,
} from "./contract.ts";
import { Conversation } from "./conversation.ts";
import { relayName } from "./conversation-relay.ts";
import { durableDatabase } from "./database.ts";
import { type ErrorCode, errorCodes } from "./error-codes.ts";
import type { NotifierParts } from "./notifier.ts";
import { cannotOpen, Opening } from "./opening.ts";
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
  readonly #opening: Opening;
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
    const archive = this.archive(settings);
    this.#relays = new Relays({
      database,
      roomSockets: settings.ROOM_SOCKETS,
      relaySockets: settings.RELAY_SOCKETS,
      life: crypto.randomUUID(),
      offset: () => this.#opening.conversation?.position.offset ?? 0,
      deliver: (relay, batch) => {
        const { CONVERSATION_RELAY: relays } = env;
        return relays.get(relays.idFromName(relayName(ctx.id.name ?? "", relay))).deliver(batch);
      },
      gone: (socket) => this.#opening.conversation?.disconnect(socket),
      report,
    });
    const open = () => {
      const held = ctx.getWebSockets().map((socket) => ({ socket, attachment: socket.deserializeAttachment() }));
      const conversation = new Conversation({
        database,
        sockets: [...held, ...this.#relays.restored],
        sink: this.logSink(settings),
        archive,
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
      if (ctx.id.name !== undefined) conversation.name(ctx.id.name);
      return conversation;
    };
    const rebuilt = () => void this.#relays.disown();
    this.#opening = new Opening({ database, archive, newEpoch: uuidv7, open, rebuilt, report });
    this.#relays.greet();
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

  /** Where messages are read from that have left the room. */
  protected archive(settings: Settings): Archive {
    const { messages, conversations } = openStore(settings);
    return { ...messages, members: conversations.members };
  }

  override async fetch(request: Request): Promise<Response> {
    return (await this.#router.fetch(request)) ?? new Response("Not found", { status: 404 });
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    const { conversation } = this.#opening;
    // A socket that outlived the room's storage comes back, and finds it rebuilt.
    if (conversation === undefined) closeQuietly(socket, closeCodes.internal_error.code);
    else conversation.receive(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#opening.conversation?.disconnect(socket, socket.deserializeAttachment());
    closeQuietly(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#opening.conversation?.disconnect(socket, socket.deserializeAttachment());
  }

  override async alarm(): Promise<void> {
    await this.#opening.conversation?.alarm();
  }

  async send(person: Person, input: SendInput): Promise<SendOutcome> {
    return (await this.#ready())?.send(person, input) ?? cannotOpen;
  }

  async history(reader: Person, query: HistoryQuery): Promise<HistoryOutcome> {
    return (await this.#ready())?.history(reader, query) ?? cannotOpen;
  }

  /** The system of record has what a room that cannot be opened would know. */
  async revisions(messageId: string): Promise<readonly Revision[] | undefined> {
    return (await this.#ready())?.revisions(messageId);
  }

  /** A room that cannot be told now reads its members from the system of record when it is rebuilt. */
  async membersChanged(...standing: Parameters<RoomApi["membersChanged"]>): Promise<void> {
    (await this.#opened(standing[0])).membersChanged(...standing);
  }

  async position(): Promise<LogPosition> {
    return (await this.#opened()).position;
  }

  async relayed(relay: string, acts: readonly RelayedAct[]): Promise<void> {
    this.#relays.receive(relay, acts, await this.#opened());
  }

  /** The conversation; everything else waits while it is rebuilt. Undefined when it cannot be now. */
  async #ready(conversationId = this.ctx.id.name ?? ""): Promise<Conversation | undefined> {
    const { conversation } = this.#opening;
    return conversation ?? this.ctx.blockConcurrencyWhile(() => this.#opening.ready(conversationId));
  }

  /** The conversation, where no refusal can be told apart from other failures. */
  async #opened(conversationId?: string): Promise<Conversation> {
    const conversation = await this.#ready(conversationId);
    if (conversation === undefined) throw new Error(cannotOpen.message);
    return conversation;
  }

  async #openSocket(request: Request): Promise<Response> {
    const opening = readSocketRequest(request);
    if (opening instanceof Response) return opening;
    const conversation = await this.#ready(opening.conversationId || this.ctx.id.name);
    if (conversation === undefined) return refuseConnection(cannotOpen.code, cannotOpen.retryAfterMs);
    const waitMs = conversation.admit(opening.person.userId);
    if (waitMs > 0) return refuseConnection("connecting_too_fast", waitMs);
    const relay = this.#relays.choose(this.ctx.getWebSockets().length);
    if (relay !== undefined) return new Response(null, { status: 204, headers: { [relayHeader]: relay } });
    const { client, server } = acceptSocket(this.ctx, [opening.person.userId]);
    if (opening.conversationId !== "") conversation.name(opening.conversationId);
    conversation.connect(server, opening.person, opening.protocol, opening.seen);
    return upgraded(client, opening.subprotocol);
  }
}

function refuseConnection(code: ErrorCode, retryAfterMs: number): Response {
  const { status, message: detail } = errorCodes[code];
  const headers = {
    "content-type": "application/problem+json",
    "retry-after": String(Math.ceil(retryAfterMs / 1_000)),
  };
  return new Response(JSON.stringify({ status, code, detail, retryAfterMs }), {
    status,
    headers,
  });
}
