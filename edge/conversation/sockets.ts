/** Accepts a WebSocket that outlives the object's memory. */
export function acceptSocket(ctx: DurableObjectState, tags: string[] = []): { client: WebSocket; server: WebSocket } {
  const { 0: client, 1: server } = new WebSocketPair();
  ctx.acceptWebSocket(server, tags);
  return { client, server };
}

/** The answer to an upgrade. @param subprotocol to be echoed; empty: none */
export function upgraded(client: WebSocket, subprotocol: string): Response {
  const headers = subprotocol === "" ? {} : { "sec-websocket-protocol": subprotocol };
  return new Response(null, { status: 101, webSocket: client, headers });
}

/** Answers a peer's close; does nothing when this side has closed already. @param code as the peer gave it */
export function closeQuietly(socket: WebSocket, code: number): void {
  try {
    // 1005 and 1006 stand for "no code" and "no close frame"; neither may be sent.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  } catch {
    // Closed already from this side.
  }
}
