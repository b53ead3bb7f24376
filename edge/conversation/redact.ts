import type { ServerEvent } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import type { Database } from "./database.ts";
import { decodeServerFrame, type EventInit, encodeEvent } from "./frames.ts";
import type { StoredMessage } from "./messages.ts";

/** Takes the text out of a message's logged events; they keep their offsets. */
export function redact(database: Database, message: StoredMessage): void {
  const rows = database.all<{ log_offset: number; frame: ArrayBuffer }>(
    "SELECT log_offset, frame FROM log WHERE log_offset >= ? AND message_id = ?",
    message.offset,
    message.id,
  );
  for (const row of rows) {
    const [logged] = decodeServerFrame(new Uint8Array(row.frame));
    if (logged === undefined) continue;
    const frame = encodeEvent(withoutText(logged.event), row.log_offset);
    database.all("UPDATE log SET frame = ? WHERE log_offset = ?", frame, row.log_offset);
  }
}

function withoutText(event: ServerEvent["event"]): EventInit {
  switch (event.case) {
    case "messageReceive":
      return { case: event.case, value: { ...event.value, text: "" } };
    case "messageEdit":
      return { case: event.case, value: { ...event.value, text: "" } };
    case "messageTranslation":
      return { case: event.case, value: { ...event.value, text: "" } };
    default:
      return event;
  }
}
