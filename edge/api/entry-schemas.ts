import { z } from "@hono/zod-openapi";
import { id, instant, isPrintable, line, uuid } from "./schemas.ts";

/** How people get into a conversation, and how they are kept out of it. */

export const invite = z.object({ code: z.string(), expiresAt: instant }).openapi("Invite");

export const invitePreview = z
  .object({ title: z.string(), invitedBy: z.string(), memberCount: z.int() })
  .openapi("InvitePreview");

export const codeParams = z.object({ code: z.string().max(64).refine(isPrintable, "Remove the control characters.") });

/** UTF-16 code units of the reason for a ban. */
const reasonLength = 200;

export const banInput = z.object({ userId: id, reason: line(reasonLength, "a reason").optional() }).openapi("BanInput");

export const ban = z
  .object({
    userId: uuid,
    username: z.string(),
    displayName: z.string(),
    bannedBy: uuid.openapi({ description: "Id of who banned them." }),
    reason: z.string().openapi({ description: "Empty: none was given." }),
    createdAt: instant,
  })
  .openapi("Ban");

export const banList = z.object({ bans: z.array(ban) }).openapi("BanList");

export const banParams = z.object({ id, userId: id });

export type Invite = z.infer<typeof invite>;
export type InvitePreview = z.infer<typeof invitePreview>;
export type Ban = z.infer<typeof ban>;
export type BanList = z.infer<typeof banList>;
