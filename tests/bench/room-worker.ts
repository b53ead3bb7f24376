import type { Archive } from "../../edge/conversation/archive.ts";
import { openInRoom } from "../../edge/conversation/open-in-room.ts";
import type { LogSink } from "../../edge/conversation/outbox.ts";
import { ConversationRoom as Room } from "../../edge/conversation/room.ts";
import { personHeader } from "../../edge/conversation/socket-request.ts";
import type { Env } from "../../edge/env.ts";

export { ConversationRelay } from "../../edge/conversation/conversation-relay.ts";
export { FleetRegistry } from "../../edge/fleet/fleet-registry.ts";
export { UserInbox } from "../../edge/inbox/user-inbox.ts";

/**
 * The room as it is: its rules, its log on disk, its sockets. What lies behind it is left out, so that the room is what is
 * measured: everybody reads the language that everybody writes, and the outbox's batches are taken and forgotten.
 */
export class ConversationRoom extends Room {
  protected override logSink(): LogSink {
    return { append: async () => {} };
  }

  protected override archive(): Archive {
    const nothing = async () => [];
    return {
      page: nothing,
      find: nothing,
      pinned: nothing,
      sends: nothing,
      members: nothing,
      reads: nothing,
      takeOver: async () => undefined,
    };
  }

  protected override notifyInbox(): undefined {}
}

/** Believes who the caller claims to be: `/socket?conversation=ID&user=ID`. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const conversation = searchParams.get("conversation") ?? "";
    const person = {
      userId: searchParams.get("user") ?? "",
      username: "bench",
      displayName: "Bench",
      role: "member",
      readingLanguage: "en",
    };
    const headers = new Headers(request.headers);
    headers.set(personHeader, encodeURIComponent(JSON.stringify(person)));
    return openInRoom(env, conversation, new Request(request.url, { headers }));
  },
};
