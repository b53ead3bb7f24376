import { DurableObject } from "cloudflare:workers";
import { z } from "zod";
import { durableDatabase } from "../conversation/database.ts";
import { readSocketRequest } from "../conversation/socket-request.ts";
import { acceptSocket, closeQuietly, upgraded } from "../conversation/sockets.ts";
import { type Env, parseSettings } from "../env.ts";
import { openStore } from "../store/index.ts";
import { Inbox } from "./inbox.ts";
import { exchangePresence, type Presence } from "./presence.ts";

/** Sockets of one person: devices and tabs. */
const mostSockets = 16;
/** People who are told whether this one is here: those of the conversations in which something happened last. */
const mostContacts = 200;
/** Milliseconds after which somebody without a socket counts as gone: a page that is loaded anew is none. */
const goneAfterMs = 5_000;
/** Where it is kept when this person was last here. */
const lastSeenKey = "lastSeen";

const attachment = z.object({ protocol: z.enum(["proto", "json"]) });

/** The Durable Object of a person: the plain `Inbox` with storage and sockets around it. */
export class UserInbox extends DurableObject<Env> {
  readonly #inbox: Inbox;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#inbox = new Inbox(
      durableDatabase(ctx.storage),
      ctx.getWebSockets().flatMap((socket) => {
        const kept = attachment.safeParse(socket.deserializeAttachment());
        return kept.success ? [{ socket, protocol: kept.data.protocol }] : [];
      }),
    );
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** A room says how it stands for this person: a binary `meeshy.v1.ConversationUpdate`. */
  async update(body: Uint8Array): Promise<void> {
    this.#inbox.update(body);
  }

  /** The inbox of somebody who shares a conversation says whether they are here; answers the same of this person. */
  async contactIs(userId: string, theirs: Presence): Promise<Presence> {
    this.#inbox.contactIs(userId, theirs);
    return this.#presence();
  }

  override async fetch(request: Request): Promise<Response> {
    const opening = readSocketRequest(request);
    if (opening instanceof Response) return opening;
    for (const oldest of this.ctx.getWebSockets().slice(0, -(mostSockets - 1))) oldest.close(4409, "Opened too often.");
    const { client, server } = acceptSocket(this.ctx);
    server.serializeAttachment({ protocol: opening.protocol });
    this.#inbox.connect(server, opening.protocol, opening.person.userId);
    this.ctx.waitUntil(this.#greetContacts(server));
    return upgraded(client, opening.subprotocol);
  }

  /** A client has nothing to say here but `ping`. */
  override webSocketMessage(): void {}

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#disconnect(socket);
    closeQuietly(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#disconnect(socket);
  }

  /** Somebody left a moment ago: when they have not come back, the others are told. */
  override async alarm(): Promise<void> {
    if (this.#inbox.sessions === 0) await this.#exchange();
  }

  /** Ids of people who share a conversation with this one. */
  protected contacts(userId: string): Promise<string[]> {
    return openStore(parseSettings(this.env)).conversations.contacts(userId, mostContacts);
  }

  #disconnect(socket: WebSocket): void {
    this.#inbox.disconnect(socket);
    if (this.#inbox.sessions > 0) return;
    this.ctx.storage.kv.put(lastSeenKey, Date.now());
    void this.ctx.storage.setAlarm(Date.now() + goneAfterMs);
  }

  #presence(): Presence {
    const lastSeen = z.number().catch(0).parse(this.ctx.storage.kv.get(lastSeenKey));
    return { isOnline: this.#inbox.sessions > 0, lastSeen };
  }

  async #greetContacts(socket: WebSocket): Promise<void> {
    for (const [userId, theirs] of await this.#exchange()) this.#inbox.contactIs(userId, theirs, socket);
  }

  #exchange(): Promise<Map<string, Presence>> {
    const userId = this.ctx.id.name ?? "";
    const { USER_INBOX: inboxes } = this.env;
    return exchangePresence(
      {
        contacts: () => this.contacts(userId),
        exchange: (contactId, mine) => inboxes.get(inboxes.idFromName(contactId)).contactIs(userId, mine),
        failed: (error) =>
          console.error(`Presence is not known: ${error instanceof Error ? error.message : "unknown"}`),
      },
      this.#presence(),
    );
  }
}
