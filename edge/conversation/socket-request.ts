import type { LogPosition, Person } from "./contract.ts";
import { type Protocol, subprotocols } from "./limits.ts";
import { parsePerson } from "./roster.ts";

/** An upgrade request that the Worker has authorised. */
export interface SocketRequest {
  readonly person: Person;
  /** Empty: the Worker did not say. */
  readonly conversationId: string;
  /** What the client has seen of the log; undefined: nothing. */
  readonly seen: LogPosition | undefined;
  readonly protocol: Protocol;
  /** To be echoed; empty: the client asked for none and gets JSON. */
  readonly subprotocol: string;
}

/** Header in which the Worker, and nobody else, says who opens the socket: JSON of a Person, percent-encoded. */
export const personHeader = "x-meeshy-person";

/** Header in which the room, without opening a socket, names the relay that is to open it. */
export const relayHeader = "x-meeshy-relay";

/** Reads the request for a socket, or says why it is none. */
export function readSocketRequest(request: Request): SocketRequest | Response {
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return new Response("Open a WebSocket here.", { status: 426, headers: { upgrade: "websocket" } });
  }
  const person = readPerson(request.headers.get(personHeader));
  if (person === undefined) return new Response("The Worker has to say who opens the socket.", { status: 400 });
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const chosen = choose(offered);
  if (chosen === undefined) {
    return new Response(`Offer ${subprotocols.proto} or ${subprotocols.json}.`, { status: 400 });
  }
  const { searchParams } = new URL(request.url);
  return {
    person,
    conversationId: searchParams.get("conversation") ?? "",
    seen: readPosition(searchParams),
    ...chosen,
  };
}

function readPerson(header: string | null): Person | undefined {
  try {
    return parsePerson(JSON.parse(decodeURIComponent(header ?? "")));
  } catch {
    return undefined;
  }
}

/** The client's first choice among those that the room speaks. */
function choose(offered: readonly string[]): Pick<SocketRequest, "protocol" | "subprotocol"> | undefined {
  if (offered.every((name) => name === "")) return { protocol: "json", subprotocol: "" };
  for (const subprotocol of offered) {
    if (subprotocol === subprotocols.proto) return { protocol: "proto", subprotocol };
    if (subprotocol === subprotocols.json) return { protocol: "json", subprotocol };
  }
  return undefined;
}

/** A position that is no position counts as none: the client then gets a sync. */
function readPosition(params: URLSearchParams): LogPosition | undefined {
  const epoch = params.get("epoch") ?? "";
  const offset = params.get("offset") ?? "";
  return epoch === "" || !/^\d{1,10}$/.test(offset) ? undefined : { epoch, offset: Number(offset) };
}
