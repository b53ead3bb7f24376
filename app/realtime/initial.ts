import { fromJsonString } from "@bufbuild/protobuf";
import { MessageSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { mergeMessages, toTimelineMessage } from "./messages.ts";
import type { Timeline, TimelineMember } from "./timeline.ts";

/** A page of history as the API gives it, before any socket has spoken. */
export interface InitialPage {
  readonly userId: string;
  readonly title: string;
  readonly translates: boolean;
  readonly members: readonly Omit<TimelineMember, "online" | "readOffset" | "lastSeen">[];
  /** In Protobuf's JSON mapping. */
  readonly messages: readonly object[];
  readonly hasMore: boolean;
  /** When the page was read, milliseconds since the epoch. */
  readonly now: number;
}

/** The timeline that a page starts with; the first `sync` of a socket replaces its messages. */
export function initialTimeline({ userId, title, translates, members, messages, hasMore, now }: InitialPage): Timeline {
  const page = messages.map((message) =>
    fromJsonString(MessageSchema, JSON.stringify(message), { ignoreUnknownFields: true }),
  );
  return {
    userId,
    title,
    translates,
    epoch: "",
    offset: 0,
    messages: mergeMessages(
      [],
      page.map((message) => toTimelineMessage(message, now)),
    ),
    olderPinned: [],
    unsent: [],
    members: new Map(
      members.map((member) => [member.userId, { ...member, online: false, readOffset: 0, lastSeen: 0 }]),
    ),
    typing: new Map(),
    hasMore,
  };
}
