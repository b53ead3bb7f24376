import { createRoute } from "@hono/zod-openapi";
import { mayGrant, mayRemove } from "../auth/permissions.ts";
import { type Api, requireMembership, signedIn } from "./context.ts";
import { announceAs, conversationJson, findMembers } from "./conversations.ts";
import { apiError } from "./error-codes.ts";
import { admit, announceMembers } from "./roster.ts";
import { bearer, jsonAnswer, jsonBody, problems } from "./routes.ts";
import { addMemberInput, conversation, idParams, memberList, memberParams } from "./schemas.ts";

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

  api.openapi(removeRoute, async (c) => {
    const { services, identity } = c.var;
    const { id, userId } = c.req.valid("param");
    const before = await services.store.conversations.find(id, identity.userId);
    if (before === undefined) throw apiError("conversation_not_found");
    const leaver = before.members.find((member) => member.userId === (userId === "me" ? identity.userId : userId));
    if (leaver === undefined) throw apiError("member_not_found");
    const leaves = leaver.userId === identity.userId;
    if (!leaves && !mayRemove(before.role, leaver.role)) throw apiError("not_permitted");
    await services.store.conversations.removeMember(id, leaver.userId, services.now());
    const members = await services.store.conversations.members(id);
    await announceMembers(services, { id, title: before.title, members });
    return c.body(null, 204);
  });
}
