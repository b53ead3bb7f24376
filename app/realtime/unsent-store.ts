import type { Unsent } from "./timeline.ts";

/** The part of `sessionStorage` that is used. */
export type KeyValueStore = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const key = (conversationId: string) => `meeshy:unsent:${conversationId}`;

/** What was written in this tab and is not sent yet; it will be sent again. Empty when nothing readable is there. */
export function loadUnsent(store: KeyValueStore, conversationId: string): readonly Unsent[] {
  try {
    const saved: unknown = JSON.parse(store.getItem(key(conversationId)) ?? "[]");
    return Array.isArray(saved) ? saved.filter(isUnsent) : [];
  } catch {
    // Storage may be forbidden or hold something else: then there is nothing to restore.
    return [];
  }
}

/** Keeps the unsent messages for a reload of this tab; does nothing where storage is forbidden or full. */
export function saveUnsent(store: KeyValueStore, conversationId: string, unsent: readonly Unsent[]): void {
  try {
    if (unsent.length === 0) store.removeItem(key(conversationId));
    else store.setItem(key(conversationId), JSON.stringify(unsent));
  } catch {
    // The messages stay in memory: only a reload would lose them.
  }
}

function isUnsent(value: unknown): value is Unsent {
  if (typeof value !== "object" || value === null) return false;
  const { clientMessageId, text, replyTo, createdAt, state, errorCode } = value as Partial<
    Record<keyof Unsent, unknown>
  >;
  return (
    typeof clientMessageId === "string" &&
    typeof text === "string" &&
    typeof replyTo === "string" &&
    typeof createdAt === "number" &&
    typeof errorCode === "string" &&
    (state === "sending" || state === "sent" || state === "failed")
  );
}
