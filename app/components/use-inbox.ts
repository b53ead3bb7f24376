import { fromBinary } from "@bufbuild/protobuf";
import { useEffect, useReducer } from "react";
import { ServerFrameSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { openSocket } from "../realtime/browser.ts";
import { finalCloseCodes, timing } from "../realtime/connection.ts";
import { emptyInbox, type InboxState, inboxReducer } from "../realtime/inbox.ts";

/** How the reader's conversations stand and which of their people are here, live: empty until the inbox has spoken. It comes back by itself when it is lost. */
export function useInbox(): InboxState {
  const [state, dispatch] = useReducer(inboxReducer, emptyInbox);
  useEffect(() => {
    let isOver = false;
    let failures = 0;
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      const opened = openSocket("/ws");
      socket = opened;
      opened.binaryType = "arraybuffer";
      opened.addEventListener("message", ({ data }) => {
        if (!(data instanceof ArrayBuffer)) return;
        failures = 0;
        for (const event of fromBinary(ServerFrameSchema, new Uint8Array(data)).events) dispatch(event);
      });
      opened.addEventListener("close", ({ code }) => {
        if (isOver || finalCloseCodes.has(code)) return;
        const most = Math.min(timing.backOffMost, timing.backOffFirst * 2 ** failures++);
        timer = setTimeout(open, Math.random() * most);
      });
    };
    const wake = () => {
      if (isOver || document.visibilityState !== "visible" || socket?.readyState !== WebSocket.CLOSED) return;
      clearTimeout(timer);
      open();
    };
    open();
    const ping = setInterval(() => socket?.readyState === WebSocket.OPEN && socket.send("ping"), timing.pingEvery);
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    return () => {
      isOver = true;
      clearTimeout(timer);
      clearInterval(ping);
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      socket?.close();
    };
  }, []);
  return state;
}
