import type { ServerEvent } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import type { TimelineMessage } from "./messages.ts";
import type { Timeline } from "./timeline.ts";

/** The pinned messages, each once, the newest pin first. */
export function pinnedIn({ messages, olderPinned }: Timeline): readonly TimelineMessage[] {
  const pinned = [...olderPinned, ...messages].filter(({ pinnedBy }) => pinnedBy !== "");
  const once = [...new Map(pinned.map((message) => [message.id, message])).values()];
  return once.sort((one, other) => other.pinnedAt - one.pinnedAt || other.offset - one.offset);
}

/** The page to ask for after an event: of a message that was pinned and is older than what is there. */
export function pageOfPin({ messages, olderPinned }: Timeline, { event }: ServerEvent) {
  if (event.case !== "messagePin" || event.value.removed) return undefined;
  const { messageId, messageOffset } = event.value;
  const isThere = [...messages, ...olderPinned].some(({ id }) => id === messageId);
  return isThere ? undefined : { before: messageOffset + 1, limit: 1 };
}
