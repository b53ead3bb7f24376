import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ConversationUpdate, ConversationUpdateSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import type { Database } from "../conversation/database.ts";
import { offline, online } from "../conversation/events.ts";
import { encodeEvent, joinFrames } from "../conversation/frames.ts";
import type { Protocol } from "../conversation/limits.ts";
import type { Presence } from "./presence.ts";

/** The part of a socket that an inbox needs. */
export interface InboxSocket {
  send(data: string | Uint8Array): void;
}

interface Session {
  readonly socket: InboxSocket;
  readonly protocol: Protocol;
}

/**
 * What one person is told of all their conversations, on all their devices: for each how it stands now. A newer word replaces
 * an older one; an older one that comes late changes nothing.
 */
export class Inbox {
  readonly #database: Database;
  readonly #sessions = new Map<InboxSocket, Session>();

  constructor(database: Database, sessions: Iterable<Session> = []) {
    database.all("CREATE TABLE IF NOT EXISTS conversations (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID");
    this.#database = database;
    for (const session of sessions) this.#sessions.set(session.socket, session);
  }

  /** Takes up a socket: `connection`, then every conversation as it stands. */
  connect(socket: InboxSocket, protocol: Protocol, userId: string): void {
    this.#sessions.set(socket, { socket, protocol });
    const connection = encodeEvent({ case: "connection", value: { userId } });
    const updates = this.all().map((value) => encodeEvent({ case: "conversationUpdate", value }));
    socket.send(joinFrames([connection, ...updates], protocol));
  }

  disconnect(socket: InboxSocket): void {
    this.#sessions.delete(socket);
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Every conversation that has been told of. */
  all(): ConversationUpdate[] {
    const rows = this.#database.all<{ body: ArrayBuffer }>("SELECT body FROM conversations ORDER BY id");
    return rows.map(({ body }) => fromBinary(ConversationUpdateSchema, new Uint8Array(body)));
  }

  /** Keeps how a conversation stands and tells every device. */
  update(body: Uint8Array): void {
    const update = create(ConversationUpdateSchema, fromBinary(ConversationUpdateSchema, body));
    const { conversationId } = update;
    if (conversationId === "" || this.#isOld(update)) return;
    if (update.removed) this.#database.all("DELETE FROM conversations WHERE id = ?", conversationId);
    else {
      this.#database.all(
        "INSERT OR REPLACE INTO conversations VALUES (?, ?)",
        conversationId,
        toBinary(ConversationUpdateSchema, update),
      );
    }
    this.#broadcast(encodeEvent({ case: "conversationUpdate", value: update }));
  }

  /** Tells every device, or only one, of somebody who shares a conversation with this person. */
  contactIs(userId: string, { isOnline, lastSeen }: Presence, only?: InboxSocket): void {
    // Of whom nothing is known there is nothing to say.
    if (!isOnline && lastSeen === 0) return;
    this.#broadcast((isOnline ? online(userId) : offline(userId, lastSeen)).frame, only);
  }

  #broadcast(frame: Uint8Array, only?: InboxSocket): void {
    for (const { socket, protocol } of this.#sessions.values()) {
      if (only !== undefined && socket !== only) continue;
      try {
        socket.send(joinFrames([frame], protocol));
      } catch {
        // The peer is gone and its close event is on the way.
        this.#sessions.delete(socket);
      }
    }
  }

  #isOld(update: ConversationUpdate): boolean {
    const [row] = this.#database.all<{ body: ArrayBuffer }>(
      "SELECT body FROM conversations WHERE id = ?",
      update.conversationId,
    );
    return row !== undefined && fromBinary(ConversationUpdateSchema, new Uint8Array(row.body)).offset > update.offset;
  }
}
