import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { browserClock, openSocket, requestTicket } from "../realtime/browser.ts";
import { type ClientEventInit, Connection, type ConnectionState } from "../realtime/connection.ts";
import { type InitialPage, initialTimeline } from "../realtime/initial.ts";
import { pageOfPin } from "../realtime/pins.ts";
import { timelineReducer, type Unsent } from "../realtime/timeline.ts";
import { loadUnsent, saveUnsent } from "../realtime/unsent-store.ts";

/** What a person can do in a conversation. */
export interface ConversationActions {
  /** @param replyTo id of the message that this one answers; empty: none */
  send(text: string, replyTo: string): void;
  retry(item: Unsent): void;
  discard(clientMessageId: string): void;
  edit(messageId: string, text: string): void;
  remove(messageId: string): void;
  /** Puts an emoji on a message, or takes it away. */
  react(messageId: string, emoji: string, remove: boolean): void;
  /** Pins a message for everybody, or unpins it. */
  pin(messageId: string, remove: boolean): void;
  /** Says that everything up to an offset has been read. */
  read(offset: number): void;
  typing(typing: boolean): void;
  /** Asks for the messages before an offset. */
  loadOlder(before: number): void;
}

type Sendable = Pick<Unsent, "clientMessageId" | "text" | "replyTo">;

/** A conversation that is kept up to date over its socket while it is on the page. */
export function useConversation(conversationId: string, page: InitialPage) {
  const [timeline, dispatch] = useReducer(timelineReducer, page, initialTimeline);
  const [connectionState, setConnectionState] = useState<ConnectionState>({ kind: "waiting" });
  const connection = useRef<Connection | undefined>(undefined);
  const latest = useRef(timeline);
  const isRestored = useRef(false);
  latest.current = timeline;

  const request = useCallback(({ clientMessageId, text, replyTo }: Sendable) => {
    const event = { case: "messageSend", value: { clientMessageId, text, replyTo } } as const;
    connection.current?.request(clientMessageId, { event });
  }, []);

  const ask = useCallback((make: (clientMessageId: string) => NonNullable<ClientEventInit["event"]>) => {
    const clientMessageId = crypto.randomUUID();
    connection.current?.request(clientMessageId, { event: make(clientMessageId) });
  }, []);

  useEffect(() => {
    const live = new Connection({
      conversationId,
      requestTicket: () => requestTicket(conversationId),
      openSocket,
      position: () => latest.current,
      onEvent: (event) => {
        dispatch({ type: "server", event, now: Date.now() });
        const page = pageOfPin(latest.current, event);
        if (page !== undefined) live.tell({ event: { case: "sync", value: page } });
      },
      onState: setConnectionState,
      clock: browserClock,
      random: Math.random,
    });
    connection.current = live;
    const unsent = loadUnsent(sessionStorage, conversationId);
    dispatch({ type: "restore", unsent });
    isRestored.current = true;
    for (const item of unsent) if (item.state !== "failed") request(item);
    live.connect();
    const stop = wakeWith(live);
    const expiry = setInterval(() => dispatch({ type: "expire", now: Date.now() }), 1_000);
    return () => {
      clearInterval(expiry);
      stop();
      live.close();
    };
  }, [conversationId, request]);

  useEffect(() => {
    if (isRestored.current) saveUnsent(sessionStorage, conversationId, timeline.unsent);
  }, [conversationId, timeline.unsent]);

  const actions = useMemo<ConversationActions>(
    () => ({
      send(text, replyTo) {
        const item = { clientMessageId: crypto.randomUUID(), text, replyTo };
        dispatch({ type: "compose", ...item, now: Date.now() });
        request(item);
      },
      retry(item) {
        dispatch({ type: "retry", clientMessageId: item.clientMessageId });
        request(item);
      },
      discard: (clientMessageId) => dispatch({ type: "discard", clientMessageId }),
      edit: (messageId, text) =>
        ask((clientMessageId) => ({ case: "messageEdit", value: { clientMessageId, messageId, text } })),
      remove: (messageId) =>
        ask((clientMessageId) => ({ case: "messageDelete", value: { clientMessageId, messageId } })),
      react: (messageId, emoji, remove) =>
        ask((clientMessageId) => ({ case: "messageReaction", value: { clientMessageId, messageId, emoji, remove } })),
      pin: (messageId, remove) =>
        ask((clientMessageId) => ({ case: "messagePin", value: { clientMessageId, messageId, remove } })),
      read: (offset) => void connection.current?.tell({ event: { case: "messageRead", value: { offset } } }),
      typing: (typing) => void connection.current?.tell({ event: { case: "messageTyping", value: { typing } } }),
      loadOlder: (before) => void connection.current?.tell({ event: { case: "sync", value: { before } } }),
    }),
    [request, ask],
  );

  return { timeline, connectionState, actions };
}

/** Has the connection hear of the network and of the page coming to the front; returns what ends that. */
function wakeWith(connection: Connection): () => void {
  const onOnline = () => connection.wake();
  const onOffline = () => connection.lose();
  const onVisible = () => {
    if (document.visibilityState === "visible") connection.wake();
  };
  addEventListener("online", onOnline);
  addEventListener("offline", onOffline);
  document.addEventListener("visibilitychange", onVisible);
  return () => {
    removeEventListener("online", onOnline);
    removeEventListener("offline", onOffline);
    document.removeEventListener("visibilitychange", onVisible);
  };
}
