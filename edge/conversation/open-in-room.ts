import type { Env } from "../env.ts";
import { relayName } from "./conversation-relay.ts";
import { relayHeader } from "./socket-request.ts";

/** Opens a socket in a conversation's room, or with the relay that the room names because it holds enough itself. */
export async function openInRoom(
  env: Pick<Env, "CONVERSATION_ROOM" | "CONVERSATION_RELAY">,
  conversation: string,
  request: Request,
): Promise<Response> {
  const { CONVERSATION_ROOM: rooms, CONVERSATION_RELAY: relays } = env;
  const answer = await rooms.get(rooms.idFromName(conversation)).fetch(request.clone());
  const relay = answer.headers.get(relayHeader);
  if (relay === null) return answer;
  return relays.get(relays.idFromName(relayName(conversation, relay))).fetch(request);
}
