import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { may } from "../auth/permissions.ts";
import { issueSocketTicket, ticketLifetime } from "../auth/tokens.ts";
import { AppError } from "../errors.ts";
import { uuidv7 } from "../ids.ts";
import type { Conversation, ConversationChanges } from "../store/conversations.ts";
import { type Api, requireAccount, requireMembership, type Services, type SignedInEnv, signedIn } from "./context.ts";
import { decodeConversationCursor, encodeConversationCursor, paginate } from "./cursors.ts";
import { apiError } from "./error-codes.ts";
import { announceMembers } from "./roster.ts";
import { bearer, jsonAnswer, jsonBody, problems } from "./routes.ts";
import {
  type Conversation as ConversationJson,
  conversation,
  conversationChanges,
  conversationPage,
  createConversationInput,
  idParams,
  pageQuery,
  socketTicket,
  titleInput,
} from "./schemas.ts";

const shared = { tags: ["Conversations"], security: bearer, middleware: signedIn };

const listRoute = createRoute({
  ...shared,
  method: "get",
  path: "/conversations",
  summary: "Your conversations",
  request: { query: pageQuery },
  responses: { 200: jsonAnswer(conversationPage, "The most recently active first."), ...problems },
});

const createConversationRoute = createRoute({
  ...shared,
  method: "post",
  path: "/conversations",
  summary: "Begin a conversation",
  description: "Not for guests.",
  request: { body: jsonBody(createConversationInput) },
  responses: { 201: jsonAnswer(conversation, "The new conversation."), ...problems },
});

const getRoute = createRoute({
  ...shared,
  method: "get",
  path: "/conversations/{id}",
  summary: "One conversation",
  request: { params: idParams },
  responses: { 200: jsonAnswer(conversation, "The conversation."), ...problems },
});

const renameRoute = createRoute({
  ...shared,
  method: "put",
  path: "/conversations/{id}",
  summary: "Rename a conversation",
  description: "For owners and admins.",
  request: { params: idParams, body: jsonBody(titleInput) },
  responses: { 200: jsonAnswer(conversation, "The conversation."), ...problems },
});

const changeRoute = createRoute({
  ...shared,
  method: "patch",
  path: "/conversations/{id}",
  summary: "Change a conversation: its title, whether it is translated",
  description:
    "For owners and admins. With `translates` false everybody reads what was written, from now on; turned on again, new " +
    "messages are translated, and older ones as they are read.",
  request: { params: idParams, body: jsonBody(conversationChanges) },
  responses: { 200: jsonAnswer(conversation, "The conversation."), ...problems },
});

const ticketRoute = createRoute({
  ...shared,
  method: "post",
  path: "/conversations/{id}/ticket",
  summary: "Get a ticket for the conversation's socket",
  description: "Open `/ws?ticket=` with it within a minute; a browser's WebSocket cannot send a bearer token.",
  request: { params: idParams },
  responses: { 201: jsonAnswer(socketTicket, "The ticket."), ...problems },
});

export function addConversations(api: Api): void {
  api.openapi(listRoute, async (c) => {
    const { cursor, limit } = c.req.valid("query");
    const after = cursor === undefined ? undefined : decodeConversationCursor(cursor);
    const rows = await c.var.services.store.conversations.list(c.var.identity.userId, after, limit + 1);
    const { page, last } = paginate(rows, limit);
    const next = last === undefined ? {} : { nextCursor: encodeConversationCursor(last) };
    return c.json({ conversations: page.map(conversationJson), ...next }, 200);
  });

  api.openapi(createConversationRoute, async (c) => {
    await requireAccount(c);
    const { services, identity } = c.var;
    const { title, members } = c.req.valid("json");
    const memberIds = (await findMembers(services, members)).filter((id) => id !== identity.userId);
    const now = services.now();
    const id = uuidv7(now.getTime());
    await services.store.conversations.create({ id, title, ownerId: identity.userId, memberIds, now });
    return c.json(conversationJson(await announceAs(services, id, identity.userId)), 201);
  });

  api.openapi(getRoute, async (c) => {
    const found = await c.var.services.store.conversations.find(c.req.valid("param").id, c.var.identity.userId);
    if (found === undefined) throw apiError("conversation_not_found");
    return c.json(conversationJson(found), 200);
  });

  api.openapi(renameRoute, async (c) => c.json(await change(c, c.req.valid("param").id, c.req.valid("json")), 200));

  api.openapi(changeRoute, async (c) => c.json(await change(c, c.req.valid("param").id, c.req.valid("json")), 200));

  api.openapi(ticketRoute, async (c) => {
    const { settings, now } = c.var.services;
    const { userId, conversationId } = await requireMembership(c, c.req.valid("param").id);
    const ticket = await issueSocketTicket({ userId, conversationId }, settings, now());
    return c.json({ ticket, expiresIn: ticketLifetime }, 201);
  });
}

/** Changes what the caller's role lets them change, or nothing; answers with the conversation. */
async function change(c: Context<SignedInEnv>, id: string, changes: ConversationChanges): Promise<ConversationJson> {
  const { services } = c.var;
  const { role, userId } = await requireMembership(c, id);
  const isAllowed =
    (changes.title === undefined || may(role, "rename")) &&
    (changes.translates === undefined || may(role, "switch_translation"));
  if (!isAllowed) throw apiError("not_permitted");
  await services.store.conversations.change(id, changes);
  return conversationJson(await announceAs(services, id, userId));
}

/** Tells the room who its members are, and answers with the conversation as this member sees it. */
export async function announceAs(services: Services, id: string, userId: string): Promise<Conversation> {
  const found = await services.store.conversations.find(id, userId);
  if (found === undefined) throw apiError("conversation_not_found");
  await announceMembers(services, found);
  return found;
}

/** Ids of people by their usernames; throws `user_not_found` that names who does not exist. */
export async function findMembers({ store }: Services, usernames: readonly string[]): Promise<string[]> {
  if (usernames.length === 0) return [];
  const found = await store.users.findByUsernames(usernames);
  const known = new Set(found.map((user) => user.username.toLowerCase()));
  const unknown = usernames.filter((username) => !known.has(username.toLowerCase()));
  if (unknown.length > 0) {
    throw new AppError("user_not_found", 404, `Nobody has the username ${unknown.join(", ")}; check the spelling.`);
  }
  return found.map((user) => user.id);
}

export const conversationJson = ({
  id,
  title,
  translates,
  role,
  members,
  createdAt,
  lastMessage,
  mute,
}: Conversation): ConversationJson => ({
  id,
  title,
  translates,
  role,
  members: [...members],
  createdAt: createdAt.toISOString(),
  ...(lastMessage === undefined
    ? {}
    : { lastMessage: { ...lastMessage, createdAt: lastMessage.createdAt.toISOString() } }),
  ...(mute !== undefined && { mute: { until: mute.until?.toISOString() ?? null } }),
});
