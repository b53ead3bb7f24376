import { z } from "@hono/zod-openapi";
import { findLanguage, languageCodes } from "../../proto/languages.ts";

/** Bounds of what the API accepts. The room states those of messages: edge/conversation/limits.ts. */
export const bounds = {
  bodyBytes: 65_536,
  usernameLength: { min: 3, max: 32 },
  displayNameLength: 64,
  /** bcrypt reads the first 72 bytes of a password only, so a longer one is refused rather than cut. */
  passwordLength: { minCharacters: 8, maxBytes: 72 },
  titleLength: 100,
  members: 256,
  pageSize: { default: 30, max: 100 },
} as const;

/** Control characters and lone surrogates: no name needs them, and PostgreSQL stores neither NUL nor surrogates. */
const unprintable = /[\p{Cc}\p{Cs}]/u;

/** True for a text that PostgreSQL takes as a parameter, whatever it is compared with. */
export const isPrintable = (text: string): boolean => !unprintable.test(text);

export const line = (max: number, what: string) =>
  z
    .string(`Give ${what} as text.`)
    .trim()
    .min(1, `Give ${what} that is not empty.`)
    .max(max, `Shorten ${what} to at most ${max} characters.`)
    .refine(isPrintable, `Remove the control characters from ${what}.`);

/** A supported language: regions are dropped, so that a browser's "pt-BR" is "pt". */
export const languageTag = z
  .string("Give a language code.")
  .refine((tag) => findLanguage(tag) !== undefined, {
    message: `Choose one of ${languageCodes.join(", ")}.`,
    params: { code: "language_unknown" },
  })
  .transform((tag) => findLanguage(tag)?.code ?? tag)
  .openapi({ type: "string", example: "fr" });

const username = z
  .string("Give a username.")
  .regex(
    /^[a-z0-9][a-z0-9._-]{2,31}$/i,
    "Choose a username of 3 to 32 letters a to z, digits, dots, dashes or underscores that begins with a letter or digit.",
  )
  .openapi({ example: "alice" });

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).byteLength;

const newPassword = z
  .string("Give a password.")
  .refine((password) => [...password].length >= bounds.passwordLength.minCharacters, {
    message: `Choose a password of at least ${bounds.passwordLength.minCharacters} characters.`,
    params: { code: "password_too_short" },
  })
  .refine((password) => utf8Bytes(password) <= bounds.passwordLength.maxBytes, {
    message: `Choose a password of at most ${bounds.passwordLength.maxBytes} bytes.`,
    params: { code: "password_too_long" },
  })
  .openapi({ format: "password" });

export const uuid = z.uuid("Give an id, a UUID.");
export const instant = z.iso.datetime();
export const role = z.enum(["owner", "admin", "member", "guest"]);

// ---- people

export const registerInput = z
  .object({
    username,
    password: newPassword,
    displayName: line(bounds.displayNameLength, "a display name"),
    readingLanguage: languageTag,
  })
  .openapi("RegisterInput");

export const loginInput = z
  .object({
    username: z.string("Give a username.").refine(isPrintable, "Remove the control characters."),
    password: z.string("Give a password."),
  })
  .openapi("LoginInput");

export const refreshInput = z
  .object({ refreshToken: z.string().optional().openapi({ description: "Not needed when the cookie carries it." }) })
  .openapi("RefreshInput");

export const profileInput = z
  .object({
    displayName: line(bounds.displayNameLength, "a display name").optional(),
    readingLanguage: languageTag.optional(),
    alsoReads: z
      .array(languageTag)
      .max(languageCodes.length, "Name each language once.")
      .transform((codes) => [...new Set(codes)])
      .optional()
      .openapi({ description: "Other languages that you read: messages in them are left as they are." }),
  })
  .openapi("ProfileInput");

export const user = z
  .object({
    id: uuid,
    username: z.string(),
    displayName: z.string(),
    readingLanguage: z.string(),
    alsoReads: z.array(z.string()),
    isGuest: z
      .boolean()
      .openapi({ description: "Came by an invite, has no password, and stays in that conversation." }),
    createdAt: instant,
  })
  .openapi("User");

export const session = z
  .object({
    user,
    accessToken: z.string().openapi({ description: "JWT for `Authorization: Bearer`." }),
    expiresIn: z.int().openapi({ description: "Seconds until the access token expires." }),
    refreshToken: z.string().openapi({ description: "Works once: each refresh answers with the next one." }),
  })
  .openapi("Session");

const foundUser = user.omit({ createdAt: true, alsoReads: true, isGuest: true }).openapi("FoundUser");

export const userPage = z.object({ users: z.array(foundUser), nextCursor: z.string().optional() }).openapi("UserPage");

// ---- conversations

export const createConversationInput = z
  .object({
    title: line(bounds.titleLength, "a title"),
    members: z
      .array(username)
      .max(bounds.members - 1, `Name at most ${bounds.members - 1} other people.`)
      .default([])
      .openapi({ description: "Usernames of the other people; you become the owner." }),
  })
  .openapi("CreateConversationInput");

export const titleInput = z.object({ title: line(bounds.titleLength, "a title") }).openapi("TitleInput");

export const conversationChanges = z
  .object({
    title: line(bounds.titleLength, "a title"),
    translates: z
      .boolean("Say true or false.")
      .openapi({ description: "False: nothing is translated any more, everybody reads what was written." }),
  })
  .partial()
  .refine(({ title, translates }) => title !== undefined || translates !== undefined, "Give what is to be changed.")
  .openapi("ConversationChanges");

export const addMemberInput = z
  .object({ username, role: role.exclude(["owner"]).default("member") })
  .openapi("AddMemberInput");

export const roleInput = z.object({ role: role.extract(["admin", "member"]) }).openapi("RoleInput");

export const member = z
  .object({ userId: uuid, username: z.string(), displayName: z.string(), readingLanguage: z.string(), role })
  .openapi("Member");

export const conversation = z
  .object({
    id: uuid,
    title: z.string(),
    translates: z.boolean().openapi({ description: "False: its translation is turned off." }),
    role: role.openapi({ description: "The caller's own role." }),
    members: z.array(member),
    createdAt: instant,
    lastMessage: z.object({ text: z.string(), authorId: uuid, createdAt: instant }).optional(),
    mute: z
      .object({ until: instant.nullable().openapi({ description: "Null: for good. One that is past mutes nothing." }) })
      .optional()
      .openapi({ description: "That the caller has muted it." }),
  })
  .openapi("Conversation");

export const muteInput = z
  .object({ until: z.iso.datetime("Give a time in UTC, as 2026-11-24T12:00:00Z, or null.").nullable() })
  .openapi("MuteInput");

export const memberList = z.object({ members: z.array(member) }).openapi("MemberList");

export const conversationPage = z
  .object({ conversations: z.array(conversation), nextCursor: z.string().optional() })
  .openapi("ConversationPage");

export const socketTicket = z
  .object({ ticket: z.string(), expiresIn: z.int().openapi({ description: "Seconds." }) })
  .openapi("SocketTicket");

// ---- parameters

/** In the one form that the store answers with: a room goes by the text of its id. */
export const id = uuid.toLowerCase();
const idOrMe = z.union([z.literal("me"), id]);
export const idParams = z.object({ id });
export const userParams = z.object({ id: idOrMe });
export const memberParams = z.object({ id, userId: idOrMe });
export const messageParams = z.object({ id, messageId: id });

const limit = z.coerce
  .number()
  .int("Give a whole number.")
  .min(1, "Ask for at least 1.")
  .max(bounds.pageSize.max, `Ask for at most ${bounds.pageSize.max}.`);

export const pageQuery = z.object({
  cursor: z.string().max(256).optional(),
  limit: limit.default(bounds.pageSize.default),
});
export const userQuery = pageQuery.extend({
  query: z
    .string()
    .min(1, "Give the beginning of a username.")
    .max(bounds.usernameLength.max)
    .refine(isPrintable, "Remove the control characters."),
});
export const historyQuery = z.object({
  before: z.coerce.number().int().min(1, "Give an offset from 1.").max(4_294_967_295).optional(),
  limit: limit.default(50),
});

// ---- errors

/** RFC 9457, with our stable `code`, and `errors` that name each wrong field. */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string().openapi({ description: "What to do." }),
    retryAfterMs: z.int().optional(),
    errors: z.array(z.object({ field: z.string(), detail: z.string() })).optional(),
  })
  .openapi("Problem");

export type User = z.infer<typeof user>;
export type Session = z.infer<typeof session>;
export type UserPage = z.infer<typeof userPage>;
export type Conversation = z.infer<typeof conversation>;
export type ConversationMember = z.infer<typeof member>;
export type ConversationPage = z.infer<typeof conversationPage>;
export type SocketTicket = z.infer<typeof socketTicket>;
export type Problem = z.infer<typeof problem>;
