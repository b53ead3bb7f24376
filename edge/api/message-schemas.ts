import { z } from "@hono/zod-openapi";
import { instant, uuid } from "./schemas.ts";

/** The room checks length, language and the rest: one set of rules for the socket and for REST. */
export const sendInput = z
  .object({
    clientMessageId: z.string("Give a clientMessageId.").openapi({
      description: "1 to 64 characters, unique per author in the conversation: sending it again changes nothing.",
    }),
    text: z.string("Give a text.").openapi({ description: "1 to 10,000 characters (UTF-16 code units)." }),
    language: z.string().optional().openapi({ description: "BCP 47 code; absent: detected.", example: "en" }),
    replyTo: z.string().optional().openapi({ description: "Id of the message that this one answers." }),
  })
  .openapi("SendInput");

export const sent = z
  .object({
    messageId: uuid,
    offset: z.int().openapi({ description: "Position in the conversation's log, from 1." }),
    duplicate: z.boolean(),
  })
  .openapi("Sent");

const translation = z
  .object({
    messageId: z.string(),
    revision: z.int(),
    language: z.string(),
    text: z.string(),
    status: z.string().openapi({ example: "TRANSLATION_STATUS_TRANSLATED" }),
    reason: z.string(),
    provenance: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi("Translation", { description: "meeshy.v1.Translation in Protobuf's JSON mapping." });

export const message = z
  .object({
    id: uuid,
    offset: z.int(),
    authorId: uuid,
    clientMessageId: z.string(),
    revision: z.int().openapi({ description: "From 1; an edit adds one." }),
    text: z.string().openapi({ description: "Empty once deleted." }),
    language: z.string().openapi({ description: "Empty: not known yet." }),
    replyTo: z.string(),
    createdAt: instant,
    editedAt: instant.optional(),
    deletedAt: instant.optional(),
    reactions: z
      .array(z.object({ emoji: z.string(), userIds: z.array(uuid) }))
      .openapi({ description: "In the order in which each emoji came first." }),
    pinnedBy: z.string().openapi({ description: "Id of who pinned it; empty: it is not pinned." }),
    pinnedAt: instant.optional(),
    translations: z.array(translation).openapi({ description: "Of this revision, into your reading language." }),
  })
  .openapi("Message", { description: "meeshy.v1.Message in Protobuf's JSON mapping." });

export const messagePage = z
  .object({
    messages: z.array(message).openapi({ description: "Oldest first." }),
    hasMore: z.boolean().openapi({ description: "Ask again with `before` set to the first message's offset." }),
  })
  .openapi("MessagePage");

export const revisionList = z
  .object({
    revisions: z
      .array(
        z.object({
          revision: z.int().openapi({ description: "From 1." }),
          text: z.string(),
          language: z.string().openapi({ description: "Empty: not known." }),
          createdAt: instant,
        }),
      )
      .openapi({ description: "Oldest first; the last one is how the message stands." }),
  })
  .openapi("RevisionList");

export type MessageJson = z.infer<typeof message>;
export type MessagePage = z.infer<typeof messagePage>;
export type RevisionList = z.infer<typeof revisionList>;
