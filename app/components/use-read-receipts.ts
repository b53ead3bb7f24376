import { useEffect, useRef } from "react";
import type { ConversationActions } from "./use-conversation.ts";

/** Milliseconds between two of them at least. */
const every = 1_000;

/** Tells the others how far this person has read: while the end of the conversation is in view on a page that is in front. */
export function useReadReceipts(
  actions: ConversationActions,
  { newest, isAtEnd, isConnected }: { newest: number; isAtEnd: boolean; isConnected: boolean },
): void {
  const told = useRef(0);
  useEffect(() => {
    if (!isConnected) told.current = 0;
  }, [isConnected]);
  useEffect(() => {
    if (!isAtEnd || !isConnected || newest <= told.current) return;
    const tell = () => {
      if (document.visibilityState !== "visible" || newest <= told.current) return;
      told.current = newest;
      actions.read(newest);
    };
    const timer = setTimeout(tell, every);
    document.addEventListener("visibilitychange", tell);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", tell);
    };
  }, [actions, newest, isAtEnd, isConnected]);
}
