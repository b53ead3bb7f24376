import type { Clock, TicketAnswer } from "./connection.ts";
import { subprotocol } from "./connection.ts";

/** Asks the site for a ticket with the browser's cookies. Rejects when trying again may help. */
export async function requestTicket(conversationId: string): Promise<TicketAnswer> {
  const response = await fetch(`/api/conversations/${encodeURIComponent(conversationId)}/ticket`, { method: "POST" });
  if (response.status === 429 || response.status >= 500) throw new Error(`No ticket now: ${response.status}`);
  if (!response.ok) return { kind: "refused", status: response.status };
  const body: unknown = await response.json();
  if (typeof body !== "object" || body === null || !("ticket" in body) || typeof body.ticket !== "string") {
    throw new Error("The answer holds no ticket.");
  }
  return { kind: "ticket", ticket: body.ticket };
}

/** Opens a socket on a path of this site. */
export function openSocket(path: string): WebSocket {
  return new WebSocket(new URL(path, location.href.replace(/^http/, "ws")), subprotocol);
}

export const browserClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
