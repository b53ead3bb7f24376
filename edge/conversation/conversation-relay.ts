import { DurableObject } from "cloudflare:workers";
import { z } from "zod";
import type { Env } from "../env.ts";
import type { RelayApi, RelayBatch } from "./contract.ts";
import { Relay } from "./relay.ts";
import { readSocketRequest } from "./socket-request.ts";
import { acceptSocket, closeQuietly, upgraded } from "./sockets.ts";

const attachmentSchema = z.object({
  id: z.number(),
  known: z.object({ life: z.string(), upTo: z.number() }).optional(),
});

/** The name of a conversation's relay among all of them. */
export const relayName = (conversation: string, relay: string): string => `${conversation} ${relay}`;

/** The Durable Object of a relay: the plain `Relay` with sockets and the room's address around it. */
export class ConversationRelay extends DurableObject<Env> implements RelayApi {
  readonly #relay: Relay;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const [conversation = "", name = ""] = (ctx.id.name ?? "").split(" ");
    const room = env.CONVERSATION_ROOM.get(env.CONVERSATION_ROOM.idFromName(conversation));
    let latest = 0;
    this.#relay = new Relay({
      sockets: ctx.getWebSockets().flatMap((socket) => {
        const kept = attachmentSchema.safeParse(socket.deserializeAttachment());
        return kept.success ? [{ socket, attachment: kept.data }] : [];
      }),
      tell: (acts) => room.relayed(name, acts),
      newId: () => {
        latest = Math.max(latest + 1, Date.now() * 1_000);
        return latest;
      },
      report: (what, error) => console.error(`${what}: ${error instanceof Error ? error.message : "unknown error"}`),
    });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  async deliver(batch: RelayBatch): Promise<number[]> {
    return this.#relay.deliver(batch);
  }

  override async fetch(request: Request): Promise<Response> {
    const opening = readSocketRequest(request);
    if (opening instanceof Response) return opening;
    const { client, server } = acceptSocket(this.ctx);
    this.#relay.open(server, opening);
    return upgraded(client, opening.subprotocol);
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    this.#relay.message(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.#relay.closed(socket);
    closeQuietly(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.#relay.closed(socket);
  }
}
