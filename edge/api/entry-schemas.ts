import { z } from "@hono/zod-openapi";
import { bounds, id, instant, isPrintable, languageTag, line, session, uuid } from "./schemas.ts";

/** How people get into a conversation, and how they are kept out of it. */

/** How long an invite lets people in: milliseconds by the name of the choice. */
export const inviteLifetimes = {
  "1h": 3_600_000,
  "1d": 24 * 3_600_000,
  "7d": 7 * 24 * 3_600_000,
  "30d": 30 * 24 * 3_600_000,
} as const;

export const inviteInput = z
  .object({
    expiresIn: z
      .enum(["1h", "1d", "7d", "30d"], "Choose 1h, 1d, 7d or 30d.")
      .optional()
      .openapi({ description: "Absent: 7d." }),
    maxUses: z
      .int("Give a whole number.")
      .min(1, "Allow at least one use.")
      .max(bounds.members, `Allow at most ${bounds.members} uses.`)
      .optional()
      .openapi({ description: "How many people can join by it. Absent: as many as there is room for." }),
  })
  .openapi("InviteInput");

export const invite = z
  .object({
    code: z.string(),
    createdBy: uuid.openapi({ description: "Id of its maker." }),
    createdAt: instant,
    expiresAt: instant,
    uses: z.int().openapi({ description: "How many people have joined by it." }),
    maxUses: z.int().optional(),
  })
  .openapi("Invite");

export const inviteList = z.object({ invites: z.array(invite) }).openapi("InviteList");

export const invitePreview = z
  .object({ title: z.string(), invitedBy: z.string(), memberCount: z.int() })
  .openapi("InvitePreview");

const code = z.string().max(64).refine(isPrintable, "Remove the control characters.");
export const codeParams = z.object({ code });
export const inviteParams = z.object({ id, code });

export const guestInput = z
  .object({
    code: code.openapi({ description: "Of the invite." }),
    displayName: line(bounds.displayNameLength, "a display name"),
    readingLanguage: languageTag,
  })
  .openapi("GuestInput");

export const guestSession = session
  .extend({ conversationId: uuid.openapi({ description: "Where the invite leads." }) })
  .openapi("GuestSession");

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
export type InviteList = z.infer<typeof inviteList>;
export type InvitePreview = z.infer<typeof invitePreview>;
export type GuestSession = z.infer<typeof guestSession>;
export type Ban = z.infer<typeof ban>;
export type BanList = z.infer<typeof banList>;
