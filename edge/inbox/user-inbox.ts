import { DurableObject } from "cloudflare:workers";
import { z } from "zod";
import { durableDatabase } from "../conversation/database.ts";
import { readSocketRequest } from "../conversation/socket-request.ts";
import type { Env } from "../env.ts";
import { Inbox } from "./inbox.ts";

/** Sockets of one person: devices and tabs. */
const mostSockets = 16;

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

  override async fetch(request: Request): Promise<Response> {
    const opening = readSocketRequest(request);
    if (opening instanceof Response) return opening;
    const { 0: client, 1: server } = new WebSocketPair();
    for (const oldest of this.ctx.getWebSockets().slice(0, -(mostSockets - 1))) oldest.close(4409, "Opened too often.");
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment({ protocol: opening.protocol });
    this.#inbox.connect(server, opening.protocol, opening.person.userId);
    const headers = opening.subprotocol === "" ? {} : { "sec-websocket-protocol": opening.subprotocol };
    return new Response(null, { status: 101, webSocket: client, headers });
  }

  /** A client has nothing to say here but `ping`. */
  override webSocketMessage(): void {}

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#inbox.disconnect(socket);
    try {
      // 1005 and 1006 stand for "no code" and "no close frame"; neither may be sent.
      socket.close(code === 1005 || code === 1006 ? 1000 : code);
    } catch {
      // Closed already from this side.
    }
  }

  override webSocketError(socket: WebSocket): void {
    this.#inbox.disconnect(socket);
  }
}
