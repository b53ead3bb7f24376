import type { Member, ServerEvent } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import {
  applyPin,
  applyReaction,
  applyTranslation,
  deleteMessage,
  editMessage,
  mergeMessages,
  milliseconds,
  type TimelineMessage,
  toTimelineMessage,
} from "./messages.ts";

/** Milliseconds after which somebody who was typing no longer counts as typing. */
export const typingLifetimeMs = 6_000;

/** A person of the conversation. */
export interface TimelineMember {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: string;
  readonly readingLanguage: string;
  readonly online: boolean;
  /** How far they have read; 0: nothing, or not known. */
  readonly readOffset: number;
  /** When somebody who is not online was, milliseconds since the epoch; 0: not known. */
  readonly lastSeen: number;
}

/** A message of mine that the room has not shown me yet. */
export interface Unsent {
  readonly clientMessageId: string;
  readonly text: string;
  /** Id of the message that it answers; empty: none. */
  readonly replyTo: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly state: "sending" | "sent" | "failed";
  /** Stable code of the refusal when failed; empty otherwise. */
  readonly errorCode: string;
}

/** A conversation as one reader sees it. `messages` are in the order of their offsets; `unsent` come after them. */
export interface Timeline {
  readonly userId: string;
  readonly title: string;
  /** False: translation is turned off here, and everybody reads what was written. */
  readonly translates: boolean;
  /** Names the log that `offset` counts in; empty before the first connection. */
  readonly epoch: string;
  /** The last offset of the log that this state contains. */
  readonly offset: number;
  readonly messages: readonly TimelineMessage[];
  /** Pinned messages that are older than these; what was pinned once and is no longer may be among them. */
  readonly olderPinned: readonly TimelineMessage[];
  readonly unsent: readonly Unsent[];
  readonly members: ReadonlyMap<string, TimelineMember>;
  /** Until when each person counts as typing, milliseconds since the epoch. */
  readonly typing: ReadonlyMap<string, number>;
  /** Whether older messages than these exist. */
  readonly hasMore: boolean;
}

export type TimelineAction =
  | { readonly type: "server"; readonly event: ServerEvent; readonly now: number }
  | ({ readonly type: "compose"; readonly now: number } & Pick<Unsent, "clientMessageId" | "text" | "replyTo">)
  | { readonly type: "restore"; readonly unsent: readonly Unsent[] }
  | { readonly type: "retry"; readonly clientMessageId: string }
  | { readonly type: "discard"; readonly clientMessageId: string }
  | { readonly type: "expire"; readonly now: number };

/** The state after an action. Pure; the same events twice, or old ones, change nothing. */
export function timelineReducer(state: Timeline, action: TimelineAction): Timeline {
  switch (action.type) {
    case "server":
      return receive(state, action.event, action.now);
    case "compose": {
      const { clientMessageId, text, replyTo, now } = action;
      const unsent: Unsent = { clientMessageId, text, replyTo, createdAt: now, state: "sending", errorCode: "" };
      return withUnsent(state, [...state.unsent, unsent]);
    }
    case "restore":
      return withUnsent(state, [...action.unsent, ...state.unsent]);
    case "retry":
      return updateUnsent(state, action.clientMessageId, { state: "sending", errorCode: "" });
    case "discard":
      return { ...state, unsent: state.unsent.filter((item) => item.clientMessageId !== action.clientMessageId) };
    case "expire": {
      const typing = new Map([...state.typing].filter(([, until]) => until > action.now));
      return typing.size === state.typing.size ? state : { ...state, typing };
    }
  }
}

function receive(state: Timeline, { offset, event }: ServerEvent, now: number): Timeline {
  // What the log already told: events of a recovery may overlap with live ones.
  if (offset > 0 && offset <= state.offset) return state;
  const next = offset > 0 ? { ...state, offset } : state;
  switch (event.case) {
    case "connection": {
      const { epoch, recovered, members, title, translates = true, userId } = event.value;
      const present = new Map(members.map((member) => [member.userId, toMember(member)]));
      // Not recovered: our position means nothing in this log; the sync that follows says where we are.
      const position = recovered ? {} : { epoch, offset: 0 };
      return { ...next, ...position, title, translates, userId, members: present, typing: new Map() };
    }
    case "sync":
      return sync(next, event.value, now);
    case "ack": {
      const { clientMessageId, offset: storedAt } = event.value;
      // Seen already, in a page that no longer holds it: nothing more will come of it.
      if (storedAt <= next.offset) {
        return { ...next, unsent: next.unsent.filter((item) => item.clientMessageId !== clientMessageId) };
      }
      return updateUnsent(next, clientMessageId, { state: "sent" });
    }
    case "error":
      // The connection sends it again by itself.
      if (event.value.retryAfterMs > 0) return next;
      return updateUnsent(next, event.value.clientMessageId, { state: "failed", errorCode: event.value.code });
    case "messageReceive": {
      const message = toTimelineMessage(event.value, now);
      const typing = without(next.typing, message.authorId);
      return withMessages({ ...next, typing }, mergeMessages(next.messages, [message]));
    }
    case "messageEdit":
      return changeMessages(next, (messages) => editMessage(messages, event.value, now));
    case "messageDelete":
      return changeMessages(next, (messages) => deleteMessage(messages, event.value));
    case "messageTranslation":
      return changeMessages(next, (messages) => applyTranslation(messages, event.value));
    case "messageReaction":
      return changeMessages(next, (messages) => applyReaction(messages, event.value));
    case "messagePin":
      return changeMessages(next, (messages) => applyPin(messages, event.value));
    case "messageTyping": {
      const { userId, typing } = event.value;
      const others = without(next.typing, userId);
      return { ...next, typing: typing ? new Map([...others, [userId, now + typingLifetimeMs]]) : others };
    }
    case "userOnline":
      return updateMember(next, event.value.userId, { online: true });
    case "userOffline": {
      const { userId, lastSeen } = event.value;
      const presence = { online: false, lastSeen: milliseconds(lastSeen) };
      return updateMember({ ...next, typing: without(next.typing, userId) }, userId, presence);
    }
    case "memberChange": {
      const { member, removed } = event.value;
      if (member === undefined) return next;
      const others = without(next.members, member.userId);
      const told = toMember(member);
      const { online, readOffset, lastSeen } = next.members.get(member.userId) ?? told;
      return {
        ...next,
        members: removed ? others : new Map([...others, [told.userId, { ...told, online, readOffset, lastSeen }]]),
      };
    }
    case "messageRead": {
      const member = next.members.get(event.value.userId);
      if (member === undefined || member.readOffset >= event.value.offset) return next;
      return updateMember(next, member.userId, { readOffset: event.value.offset });
    }
    case "titleChange":
      return { ...next, title: event.value.title };
    case "translationChange":
      return { ...next, translates: event.value.translates };
    case "conversationUpdate":
    case "disconnect":
    case undefined:
      return next;
  }
}

type SyncValue = Extract<ServerEvent["event"], { case: "sync" }>["value"];

/**
 * The newest page replaces all that is there; a page before it goes in front. Of a page that does not touch what is there,
 * asked for because of a pin, only what is pinned counts.
 */
function sync(state: Timeline, { epoch, offset, before, hasMore, messages, pinned }: SyncValue, now: number): Timeline {
  const page = messages.map((message) => toTimelineMessage(message, now));
  if (before === 0) {
    const olderPinned = pinned.map((message) => toTimelineMessage(message, now));
    return withMessages({ ...state, epoch, offset, hasMore, olderPinned }, mergeMessages([], page));
  }
  if (epoch !== state.epoch) return state;
  const oldest = state.messages[0]?.offset ?? before;
  if (before < oldest) return { ...state, olderPinned: mergeMessages(state.olderPinned, page) };
  const known = before === oldest ? { ...state, hasMore } : state;
  return withMessages(known, mergeMessages(state.messages, page));
}

/** Changes a message wherever it is kept. */
function changeMessages(
  state: Timeline,
  change: (messages: readonly TimelineMessage[]) => readonly TimelineMessage[],
): Timeline {
  return { ...state, messages: change(state.messages), olderPinned: change(state.olderPinned) };
}

/** Sets the messages and drops the unsent ones that have arrived among them. */
function withMessages(state: Timeline, messages: readonly TimelineMessage[]): Timeline {
  return withUnsent({ ...state, messages }, state.unsent);
}

function withUnsent(state: Timeline, unsent: readonly Unsent[]): Timeline {
  const known = new Set(state.messages.filter(isBy(state.userId)).map(({ clientMessageId }) => clientMessageId));
  const left = unsent.filter(({ clientMessageId }) => {
    const isNew = !known.has(clientMessageId);
    known.add(clientMessageId);
    return isNew;
  });
  return { ...state, unsent: left };
}

const isBy = (userId: string) => (message: TimelineMessage) => message.authorId === userId;

function updateUnsent(state: Timeline, clientMessageId: string, change: Partial<Unsent>): Timeline {
  const unsent = state.unsent.map((item) => (item.clientMessageId === clientMessageId ? { ...item, ...change } : item));
  return { ...state, unsent };
}

function updateMember(state: Timeline, userId: string, change: Partial<TimelineMember>): Timeline {
  const member = state.members.get(userId);
  if (member === undefined) return state;
  return { ...state, members: new Map(state.members).set(userId, { ...member, ...change }) };
}

function toMember({ lastSeen, ...member }: Member): TimelineMember {
  const { userId, username, displayName, role, readingLanguage, online, readOffset } = member;
  return {
    userId,
    username,
    displayName,
    role,
    readingLanguage,
    online,
    readOffset,
    lastSeen: milliseconds(lastSeen),
  };
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
