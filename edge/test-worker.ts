import type { Archive } from "./conversation/archive.ts";
import { openInRoom } from "./conversation/open-in-room.ts";
import type { LogSink } from "./conversation/outbox.ts";
import { ConversationRoom as Room } from "./conversation/room.ts";
import { parsePerson } from "./conversation/roster.ts";
import { personHeader } from "./conversation/socket-request.ts";
import { fleetDouble, outside, recordDouble } from "./conversation/testing/doubles.ts";
import type { Env } from "./env.ts";
import type { FleetFetch } from "./fleet/fleet.ts";
import { UserInbox as Inbox } from "./inbox/user-inbox.ts";

export { ConversationRelay } from "./conversation/conversation-relay.ts";
export { FleetRegistry } from "./fleet/fleet-registry.ts";

/** The room as it is, over an inference fleet and a system of record that the tests can take down. */
export class ConversationRoom extends Room {
  protected override fleetFetch(): FleetFetch {
    return fleetDouble;
  }

  protected override logSink(): LogSink {
    return recordDouble;
  }

  protected override archive(): Archive {
    return recordDouble;
  }
}

/** The inbox as it is, of people whose contacts the tests name. */
export class UserInbox extends Inbox {
  protected override async contacts(userId: string): Promise<string[]> {
    return outside.contacts.get(userId) ?? [];
  }
}

/** Stands where the real Worker authenticates: it believes who the caller claims to be. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const person = parsePerson(JSON.parse(decodeURIComponent(request.headers.get(personHeader) ?? "")));
    if (pathname === "/inbox") return env.USER_INBOX.get(env.USER_INBOX.idFromName(person.userId)).fetch(request);
    if (pathname !== "/socket") return new Response("Not found", { status: 404 });
    const conversation = searchParams.get("conversation") ?? "";
    return openInRoom(env, conversation, request);
  },
} satisfies ExportedHandler<Env>;
