import { createServer, type IncomingMessage } from "node:http";
import { Server } from "socket.io";
import { type WebSocket, WebSocketServer } from "ws";

/** Relays each message to everybody in the sender's room, as these libraries do it out of the box: nothing is stored. */
const http = createServer();
const roomOf = (request: Pick<IncomingMessage, "url">): string =>
  new URL(request.url ?? "/", "http://localhost").searchParams.get("room") ?? "";

if (process.argv[2] === "socket.io") {
  const io = new Server(http, {
    transports: ["websocket"],
    perMessageDeflate: false,
    serveClient: false,
    // The generator reads no frames, so it answers no pings.
    pingInterval: 3_600_000,
  });
  io.on("connection", (socket) => {
    const room = roomOf(socket.request);
    void socket.join(room);
    socket.on("message", (message: unknown) => io.to(room).emit("message", message));
  });
} else {
  const rooms = new Map<string, Set<WebSocket>>();
  new WebSocketServer({ server: http, perMessageDeflate: false }).on("connection", (socket, request) => {
    const name = roomOf(request);
    const room = rooms.get(name) ?? new Set<WebSocket>();
    rooms.set(name, room.add(socket));
    socket.on("message", (data) => {
      for (const member of room) member.send(data, { binary: false });
    });
    socket.on("close", () => room.delete(socket));
  });
}

http.listen(0, "127.0.0.1", () => {
  const address = http.address();
  console.log(typeof address === "object" ? address?.port : "");
});
process.on("SIGTERM", () => process.exit(0));
