import type { Revision } from "./contract.ts";
import { decodeServerFrame } from "./frames.ts";
import { limits } from "./limits.ts";
import type { ConversationLog } from "./log.ts";

/**
 * The revisions of a message that are on their way to the system of record, and the newest in any case, oldest first. Empty: it
 * was deleted; undefined: there is no such message.
 */
export function latestRevisions(log: ConversationLog, messageId: string): Revision[] | undefined {
  const message = log.messages.find(messageId);
  if (message === undefined) return undefined;
  if (message.deletedAt > 0) return [];
  const { revision, text, language, createdAt, editedAt } = message;
  const newest = { revision, text, language, createdAt: revision === 1 ? createdAt : editedAt };
  const waiting = log.since(log.drained, limits.loggedEvents).flatMap(({ at, frame, language: translatedInto }) => {
    if (translatedInto !== "") return [];
    return decodeServerFrame(frame).flatMap(({ event }): Revision[] => {
      switch (event.case) {
        case "messageReceive":
          return event.value.id === messageId ? [{ ...pick(event.value), createdAt: at }] : [];
        case "messageEdit":
          return event.value.messageId === messageId ? [{ ...pick(event.value), createdAt: at }] : [];
        default:
          return [];
      }
    });
  });
  return [...waiting.filter((one) => one.revision < revision), newest];
}

const pick = ({ revision, text, language }: Omit<Revision, "createdAt">) => ({ revision, text, language });
