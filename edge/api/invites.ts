import { createRoute } from "@hono/zod-openapi";
import { may } from "../auth/permissions.ts";
import { randomHex } from "../ids.ts";
import type { Invite } from "../store/invites.ts";
import { type Api, requireAccount, requireMembership, signedIn } from "./context.ts";
import { announceAs, conversationJson } from "./conversations.ts";
import {
  codeParams,
  type Invite as InviteJson,
  invite,
  inviteInput,
  inviteLifetimes,
  inviteList,
  inviteParams,
  invitePreview,
} from "./entry-schemas.ts";
import { apiError } from "./error-codes.ts";
import { admit } from "./roster.ts";
import { bearer, jsonAnswer, problems } from "./routes.ts";
import { conversation, idParams } from "./schemas.ts";

const tags = ["Invites"];

const looksAfter = { tags, security: bearer, middleware: signedIn };

const createInviteRoute = createRoute({
  ...looksAfter,
  method: "post",
  path: "/conversations/{id}/invites",
  summary: "Make an invite code",
  description: "Whoever has the code can join until it expires, as long as its maker is a member.",
  request: {
    params: idParams,
    body: { required: false, content: { "application/json": { schema: inviteInput } } },
  },
  responses: { 201: jsonAnswer(invite, "The invite."), ...problems },
});

const listRoute = createRoute({
  ...looksAfter,
  method: "get",
  path: "/conversations/{id}/invites",
  summary: "Invites by which people can join",
  description: "Owners and admins see all of them, members their own.",
  request: { params: idParams },
  responses: { 200: jsonAnswer(inviteList, "The newest first."), ...problems },
});

const revokeRoute = createRoute({
  ...looksAfter,
  method: "delete",
  path: "/conversations/{id}/invites/{code}",
  summary: "Revoke an invite",
  description: "Owners and admins revoke any, members their own. Who has joined by it stays.",
  request: { params: inviteParams },
  responses: { 204: { description: "Nobody can join by it any more." }, ...problems },
});

const previewRoute = createRoute({
  method: "get",
  path: "/conversations/invites/{code}",
  tags,
  summary: "See where an invite leads",
  description: "Needs no sign-in: the code is the secret.",
  request: { params: codeParams },
  responses: { 200: jsonAnswer(invitePreview, "The conversation behind the code."), ...problems },
});

const acceptRoute = createRoute({
  method: "post",
  path: "/conversations/invites/{code}/accept",
  tags,
  summary: "Join by invite",
  description: "Not for guests, who stay where they are.",
  security: bearer,
  middleware: signedIn,
  request: { params: codeParams },
  responses: { 200: jsonAnswer(conversation, "The conversation; nothing changed if you were in it."), ...problems },
});

export function addInvites(api: Api): void {
  api.openapi(createInviteRoute, async (c) => {
    const { store, now } = c.var.services;
    const { id } = c.req.valid("param");
    const { role, userId } = await requireMembership(c, id);
    if (!may(role, "invite")) throw apiError("not_permitted");
    const { expiresIn = "7d", maxUses } = c.req.valid("json");
    // 128 random bits: short enough for a link, too many to guess.
    const [code, createdAt] = [randomHex(16), now()];
    const expiresAt = new Date(createdAt.getTime() + inviteLifetimes[expiresIn]);
    await store.invites.create({ code, conversationId: id, createdBy: userId, now: createdAt, expiresAt, maxUses });
    return c.json(inviteJson({ code, createdBy: userId, createdAt, expiresAt, uses: 0, maxUses }), 201);
  });

  api.openapi(listRoute, async (c) => {
    const { store, now } = c.var.services;
    const { id } = c.req.valid("param");
    const { role, userId } = await requireMembership(c, id);
    if (!may(role, "invite")) throw apiError("not_permitted");
    const invites = await store.invites.list(id, now(), may(role, "oversee_invites") ? undefined : userId);
    return c.json({ invites: invites.map(inviteJson) }, 200);
  });

  api.openapi(revokeRoute, async (c) => {
    const { store, now } = c.var.services;
    const { id, code } = c.req.valid("param");
    const { role, userId } = await requireMembership(c, id);
    const found = await store.invites.findIn(id, code);
    if (found === undefined) throw apiError("invite_not_found");
    if (found.createdBy !== userId && !may(role, "oversee_invites")) throw apiError("not_permitted");
    await store.invites.revoke(code, now());
    return c.body(null, 204);
  });

  api.openapi(previewRoute, async (c) => {
    const { store, now } = c.var.services;
    const found = await store.invites.find(c.req.valid("param").code, now());
    if (found === undefined || found.isSpent) throw apiError("invite_not_found");
    const { title, invitedBy, memberCount } = found;
    return c.json({ title, invitedBy, memberCount }, 200);
  });

  api.openapi(acceptRoute, async (c) => {
    const { services, identity } = c.var;
    const { store, now } = services;
    const { code } = c.req.valid("param");
    const found = await store.invites.find(code, now());
    if (found === undefined) throw apiError("invite_not_found");
    const { conversationId } = found;
    const isMember = (await store.conversations.membership(conversationId, identity.userId)) !== undefined;
    if (!isMember) await requireAccount(c);
    await admit(services, { conversationId, userId: identity.userId, role: "member", invite: code });
    return c.json(conversationJson(await announceAs(services, conversationId, identity.userId)), 200);
  });
}

const inviteJson = ({ createdAt, expiresAt, maxUses, ...rest }: Invite): InviteJson => ({
  ...rest,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  ...(maxUses !== undefined && { maxUses }),
});
