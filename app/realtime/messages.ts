import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type {
  Message,
  MessageDelete,
  MessageEdit,
  PinChange,
  ReactionChange,
  Translation,
} from "../../proto/gen/meeshy/v1/realtime_pb.js";
import { TranslationStatus } from "../../proto/gen/meeshy/v1/translation_pb.js";

/** A translation of the message's present revision. */
export interface TimelineTranslation {
  /** "same": the reader can read the original, nothing was to be translated. */
  readonly kind: "translated" | "doubtful" | "failed" | "same";
  readonly text: string;
  readonly language: string;
  /** Why it is doubtful or failed: a stable word such as "unknown_words"; empty otherwise. */
  readonly reason: string;
}

/** A message as it stands. Times are milliseconds since the epoch; 0: never. */
export interface TimelineMessage {
  readonly id: string;
  readonly offset: number;
  readonly authorId: string;
  readonly clientMessageId: string;
  readonly revision: number;
  readonly text: string;
  /** BCP 47 code; empty: not known yet. */
  readonly language: string;
  /** Id of the message that this one answers; empty: none. */
  readonly replyTo: string;
  readonly createdAt: number;
  readonly editedAt: number;
  readonly deletedAt: number;
  /** When this revision reached us. */
  readonly receivedAt: number;
  readonly translation: TimelineTranslation | undefined;
  /** In the order in which each emoji came first. */
  readonly reactions: readonly TimelineReaction[];
  /** Id of who pinned it; empty: it is not pinned. */
  readonly pinnedBy: string;
  readonly pinnedAt: number;
}

/** Everybody who put one emoji on a message. */
export interface TimelineReaction {
  readonly emoji: string;
  readonly userIds: readonly string[];
}

export function toTimelineMessage(message: Message, now: number): TimelineMessage {
  const { id, offset, authorId, clientMessageId, revision, text, language, replyTo, pinnedBy } = message;
  const translation = message.translations.find((candidate) => candidate.revision === revision);
  return {
    id,
    offset,
    authorId,
    clientMessageId,
    revision,
    text,
    language: language || (translation?.provenance?.sourceLanguage ?? ""),
    replyTo,
    createdAt: milliseconds(message.createdAt),
    editedAt: milliseconds(message.editedAt),
    deletedAt: milliseconds(message.deletedAt),
    receivedAt: now,
    translation: translation && toTranslation(translation),
    reactions: message.reactions.map(({ emoji, userIds }) => ({ emoji, userIds: [...userIds] })),
    pinnedBy,
    pinnedAt: milliseconds(message.pinnedAt),
  };
}

/** All messages once each, by offset; of two of one id the later revision counts, else the newly given one. */
export function mergeMessages(
  messages: readonly TimelineMessage[],
  given: readonly TimelineMessage[],
): readonly TimelineMessage[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  for (const message of given) {
    const known = byId.get(message.id);
    if (known === undefined || known.revision <= message.revision) byId.set(message.id, message);
  }
  return [...byId.values()].sort((a, b) => a.offset - b.offset);
}

export function editMessage(messages: readonly TimelineMessage[], edit: MessageEdit, now: number) {
  return update(messages, edit.messageId, (message) => {
    if (edit.revision <= message.revision) return message;
    const { revision, text, language } = edit;
    const editedAt = milliseconds(edit.editedAt);
    return { ...message, revision, text, language, editedAt, receivedAt: now, translation: undefined };
  });
}

export function deleteMessage(messages: readonly TimelineMessage[], { messageId, deletedAt }: MessageDelete) {
  return update(messages, messageId, (message) => ({
    ...message,
    text: "",
    deletedAt: milliseconds(deletedAt),
    translation: undefined,
    reactions: [],
    ...unpinned,
  }));
}

const unpinned = { pinnedBy: "", pinnedAt: 0 } as const;

/** Pins a message or unpins it. */
export function applyPin(messages: readonly TimelineMessage[], { messageId, userId, removed, at }: PinChange) {
  const pin = removed ? unpinned : { pinnedBy: userId, pinnedAt: milliseconds(at) };
  return update(messages, messageId, (message) => ({ ...message, ...pin }));
}

/** Puts an emoji on a message or takes it away; an emoji that nobody is left with goes. */
export function applyReaction(messages: readonly TimelineMessage[], change: ReactionChange) {
  const { messageId, emoji, userId, removed } = change;
  return update(messages, messageId, (message) => {
    const known = message.reactions.find((reaction) => reaction.emoji === emoji)?.userIds ?? [];
    const others = known.filter((id) => id !== userId);
    const userIds = removed ? others : [...others, userId];
    const isNew = !message.reactions.some((reaction) => reaction.emoji === emoji);
    const reactions = isNew
      ? [...message.reactions, { emoji, userIds }]
      : message.reactions.map((reaction) => (reaction.emoji === emoji ? { emoji, userIds } : reaction));
    return { ...message, reactions: reactions.filter((reaction) => reaction.userIds.length > 0) };
  });
}

/** Takes a translation in unless it is of another revision than the message's: that text is no more. */
export function applyTranslation(messages: readonly TimelineMessage[], translation: Translation) {
  return update(messages, translation.messageId, (message) => {
    if (translation.revision !== message.revision || message.deletedAt > 0) return message;
    const language = message.language || (translation.provenance?.sourceLanguage ?? "");
    return { ...message, language, translation: toTranslation(translation) };
  });
}

function update(
  messages: readonly TimelineMessage[],
  id: string,
  change: (message: TimelineMessage) => TimelineMessage,
): readonly TimelineMessage[] {
  return messages.map((message) => (message.id === id ? change(message) : message));
}

function toTranslation({ text, language, status, reason }: Translation): TimelineTranslation {
  return { kind: kindOf(status), text, language, reason };
}

function kindOf(status: TranslationStatus): TimelineTranslation["kind"] {
  switch (status) {
    case TranslationStatus.TRANSLATED:
      return "translated";
    case TranslationStatus.LOW_CONFIDENCE:
      return "doubtful";
    case TranslationStatus.SAME_LANGUAGE:
    case TranslationStatus.NOTHING_TO_TRANSLATE:
      return "same";
    case TranslationStatus.FAILED:
    case TranslationStatus.UNSPECIFIED:
      return "failed";
  }
}

const milliseconds = (time: Timestamp | undefined): number => (time === undefined ? 0 : timestampMs(time));
