import { apiError } from "./api/error-codes.ts";
import { personOf } from "./api/messages.ts";
import { authenticate } from "./auth/authenticate.ts";
import { requireSameOrigin } from "./auth/same-origin.ts";
import { verifySocketTicket } from "./auth/tokens.ts";
import { openInRoom } from "./conversation/open-in-room.ts";
import { personHeader } from "./conversation/socket-request.ts";
import { type Env, parseSettings, type Settings } from "./env.ts";
import { AppError } from "./errors.ts";
import { isUuid } from "./ids.ts";
import { openStore } from "./store/index.ts";

/**
 * Opens a conversation's socket, or without `conversation` that of the person's inbox: by `?ticket=`, else by `Authorization` or the access cookie. The room is told who it is;
 * what a client says of that in its headers is overwritten.
 *
 * Throws `not_a_socket`, `not_signed_in`, `invalid_token`, `invalid_ticket` or `conversation_not_found`.
 */
export async function openSocket(request: Request, env: Env): Promise<Response> {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new AppError("not_a_socket", 426, "Open a WebSocket here; docs/protocol.md says how.");
  }
  const settings = parseSettings(env);
  const url = new URL(request.url);
  const conversationId = url.searchParams.get("conversation") ?? "";
  if (conversationId === "") return openInbox(request, env, settings);
  const userId = await whoOpens(request, url.searchParams.get("ticket"), conversationId, settings);
  const membership = isUuid(conversationId)
    ? await openStore(settings).conversations.membership(conversationId, userId)
    : undefined;
  if (membership === undefined) throw apiError("conversation_not_found");

  url.pathname = "/socket";
  url.searchParams.delete("ticket");
  const headers = new Headers(request.headers);
  headers.set(personHeader, encodeURIComponent(JSON.stringify(personOf(membership))));
  return openInRoom(env, conversationId, new Request(url, { headers }));
}

/** The socket of a person's inbox, by `Authorization` or the access cookie. */
async function openInbox(request: Request, env: Env, settings: Settings): Promise<Response> {
  const userId = await whoOpens(request, null, "", settings);
  const user = await openStore(settings).users.find(userId);
  if (user === undefined) throw apiError("session_expired");
  const { username, displayName, readingLanguage } = user;
  const headers = new Headers(request.headers);
  headers.set(
    personHeader,
    encodeURIComponent(JSON.stringify({ userId, username, displayName, readingLanguage, role: "member" })),
  );
  return env.USER_INBOX.get(env.USER_INBOX.idFromName(userId)).fetch(new Request(request.url, { headers }));
}

async function whoOpens(
  request: Request,
  ticket: string | null,
  conversationId: string,
  settings: Settings,
): Promise<string> {
  const now = new Date();
  if (ticket === null) {
    // Browsers let any site open sockets with our cookies, and name that site.
    if (!request.headers.has("authorization") && request.headers.has("origin")) requireOwnOrigin(request);
    return (await authenticate(request, settings, now)).userId;
  }
  const presented = await verifySocketTicket(ticket, settings, now);
  if (presented.conversationId !== conversationId) throw apiError("invalid_ticket");
  return presented.userId;
}

/** An upgrade is a GET, but it changes what its sender may do as a POST would. */
function requireOwnOrigin(request: Request): void {
  requireSameOrigin(new Request(request.url, { method: "POST", headers: request.headers }));
}
