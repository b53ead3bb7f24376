import { createContextKey, type HandlerContext } from "@connectrpc/connect";
import { Priority } from "../../proto/gen/meeshy/v1/translation_pb.js";
import type { Priority as QueuePriority, Terms } from "../batching/work.ts";

/** The address a call came from. */
export const peerKey = createContextKey("", { description: "address of the peer" });

/** Tells apart those for whom one client calls, so that they take turns; docs/inference.md. */
const callerHeader = "meeshy-caller";
const callerLength = 64;

/** On which terms a call is served: who asks, until when, and whether somebody waits for it. */
export function termsOf(context: HandlerContext, priority: QueuePriority): Terms {
  const name = context.requestHeader.get(callerHeader)?.slice(0, callerLength) ?? "";
  const timeoutMs = context.timeoutMs();
  return {
    priority,
    caller: `${context.values.get(peerKey)} ${name}`,
    signal: context.signal,
    deadline: timeoutMs === undefined ? undefined : performance.now() + timeoutMs,
  };
}

/** The priority that a request names, or the method's own. */
export function priorityOf(requested: Priority, standard: QueuePriority): QueuePriority {
  if (requested === Priority.LIVE) return "live";
  return requested === Priority.BATCH ? "batch" : standard;
}
