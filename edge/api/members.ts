import { createRoute } from "@hono/zod-openapi";
import { mayAppoint, mayGrant, mayRemove } from "../auth/permissions.ts";
import { type Api, requireMembership, type Services, signedIn } from "./context.ts";
import { announceAs, conversationJson, findMembers } from "./conversations.ts";
import { apiError } from "./error-codes.ts";
import { admit, announceMembers } from "./roster.ts";
import { bearer, jsonAnswer, jsonBody, problems } from "./routes.ts";
import { addMemberInput, conversation, idParams, memberList, memberParams, roleInput } from "./schemas.ts";

const shared = { tags: ["Members"], security: bearer, middleware: signedIn };

const listRoute = createRoute({
  ...shared,
  method: "get",
  path: "/conversations/{id}/members",
  summary: "Who is in a conversation",
  request: { params: idParams },
  responses: { 200: jsonAnswer(memberList, "In the order in which they joined."), ...problems },
});

const addRoute = createRoute({
  ...shared,
  method: "post",
  path: "/conversations/{id}/members",
  summary: "Add somebody to a conversation",
  description: "For members; admins are made by the owner. Adding who is there already changes nothing.",
  request: { params: idParams, body: jsonBody(addMemberInput) },
  responses: { 200: jsonAnswer(conversation, "The conversation."), ...problems },
});

const changeRoleRoute = createRoute({
  ...shared,
  method: "patch",
  path: "/conversations/{id}/members/{userId}",
  summary: "Make somebody an admin, or a member again",
  description: "For owners.",
  request: { params: memberParams, body: jsonBody(roleInput) },
  responses: { 200: jsonAnswer(conversation, "The conversation."), ...problems },
});

const removeRoute = createRoute({
  ...shared,
  method: "delete",
  path: "/conversations/{id}/members/{userId}",
  summary: "Leave a conversation, or remove somebody",
  description:
    "`me` or your own id to leave; the longest-standing admin, else member, takes over from an owner who leaves. " +
    "Owners remove anybody, admins remove members and guests.",
  request: { params: memberParams },
  responses: { 204: { description: "They are no longer in the conversation." }, ...problems },
});

export function addMembers(api: Api): void {
  api.openapi(listRoute, async (c) => {
    const found = await c.var.services.store.conversations.find(c.req.valid("param").id, c.var.identity.userId);
    if (found === undefined) throw apiError("conversation_not_found");
    return c.json({ members: [...found.members] }, 200);
  });

  api.openapi(addRoute, async (c) => {
    const { services } = c.var;
    const { id } = c.req.valid("param");
    const { username, role } = c.req.valid("json");
    const membership = await requireMembership(c, id);
    if (!mayGrant(membership.role, role)) throw apiError("not_permitted");
    for (const userId of await findMembers(services, [username])) {
      await admit(services, { conversationId: id, userId, role });
    }
    return c.json(conversationJson(await announceAs(services, id, membership.userId)), 200);
  });

  api.openapi(changeRoleRoute, async (c) => {
    const { services, identity } = c.var;
    const { id, userId } = c.req.valid("param");
    const { role } = c.req.valid("json");
    const { before, named } = await findMember(services, id, userId, identity.userId);
    if (!mayAppoint(before.role, named.role, role)) throw apiError("not_permitted");
    const changed = await services.store.conversations.changeRole(id, named.userId, { from: named.role, to: role });
    if (!changed) throw apiError("member_not_found");
    return c.json(conversationJson(await announceAs(services, id, identity.userId)), 200);
  });

  api.openapi(removeRoute, async (c) => {
    const { services, identity } = c.var;
    const { id, userId } = c.req.valid("param");
    const { before, named } = await findMember(services, id, userId, identity.userId);
    const leaves = named.userId === identity.userId;
    if (!leaves && !mayRemove(before.role, named.role)) throw apiError("not_permitted");
    await services.store.conversations.removeMember(id, named.userId, services.now());
    const members = await services.store.conversations.members(id);
    await announceMembers(services, { ...before, members });
    return c.body(null, 204);
  });
}

/** A conversation as the caller sees it, and who is meant by an id, or by `me`, among its members. */
async function findMember({ store }: Services, id: string, userId: string, callerId: string) {
  const before = await store.conversations.find(id, callerId);
  if (before === undefined) throw apiError("conversation_not_found");
  const named = before.members.find((member) => member.userId === (userId === "me" ? callerId : userId));
  if (named === undefined) throw apiError("member_not_found");
  return { before, named };
}
