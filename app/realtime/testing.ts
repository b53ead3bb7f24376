import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type ServerEvent, ServerEventSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";

type EventInit = NonNullable<MessageInitShape<typeof ServerEventSchema>["event"]>;
type ValueOf<Kind> = Extract<EventInit, { case: Kind }> extends { value: infer Value } ? Value : never;

/** An event of the room; offset 0: not in the log. */
export const serverEvent = (event: EventInit, offset = 0): ServerEvent => create(ServerEventSchema, { offset, event });

export const connection = (value: ValueOf<"connection"> = {}): ServerEvent =>
  serverEvent({ case: "connection", value: { epoch: "first", userId: "ana", ...value } });

export const messageInit = (offset: number, value: ValueOf<"messageReceive"> = {}): ValueOf<"messageReceive"> => ({
  id: `m${offset}`,
  offset,
  authorId: "ben",
  clientMessageId: `c${offset}`,
  revision: 1,
  text: `text ${offset}`,
  language: "fr",
  createdAt: timestampFromMs(offset * 1_000),
  ...value,
});

export const received = (offset: number, value: ValueOf<"messageReceive"> = {}): ServerEvent =>
  serverEvent({ case: "messageReceive", value: messageInit(offset, value) }, offset);

export const translated = (offset: number, messageId: string, revision: number, text: string): ServerEvent => {
  const value = { messageId, revision, text, language: "en", status: TranslationStatus.TRANSLATED };
  return serverEvent({ case: "messageTranslation", value }, offset);
};

export const edited = (offset: number, messageId: string, revision: number, text: string): ServerEvent =>
  serverEvent({ case: "messageEdit", value: { messageId, revision, text, language: "fr" } }, offset);
