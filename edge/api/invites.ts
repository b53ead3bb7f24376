import { createRoute } from "@hono/zod-openapi";
import { may } from "../auth/permissions.ts";
import { type Api, requireMembership, signedIn } from "./context.ts";
import { announceAs, conversationJson } from "./conversations.ts";
import { codeParams, invite, invitePreview } from "./entry-schemas.ts";
import { apiError } from "./error-codes.ts";
import { admit } from "./roster.ts";
import { bearer, jsonAnswer, problems } from "./routes.ts";
import { conversation, idParams } from "./schemas.ts";

const tags = ["Invites"];

/** An invite link is good for a week. */
const lifetimeMs = 7 * 24 * 3600 * 1000;

const createInviteRoute = createRoute({
  method: "post",
  path: "/conversations/{id}/invites",
  tags,
  summary: "Make an invite code",
  description: "Whoever has the code can join for a week, as long as its maker is a member.",
  security: bearer,
  middleware: signedIn,
  request: { params: idParams },
  responses: { 201: jsonAnswer(invite, "The code."), ...problems },
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
    const code = randomCode();
    const expiresAt = new Date(now().getTime() + lifetimeMs);
    await store.invites.create({ code, conversationId: id, createdBy: userId, now: now(), expiresAt });
    return c.json({ code, expiresAt: expiresAt.toISOString() }, 201);
  });

  api.openapi(previewRoute, async (c) => {
    const { store, now } = c.var.services;
    const found = await store.invites.find(c.req.valid("param").code, now());
    if (found === undefined) throw apiError("invite_not_found");
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
    await admit(services, conversationId, identity.userId, "member");
    await store.invites.countUse(code);
    return c.json(conversationJson(await announceAs(services, conversationId, identity.userId)), 200);
  });
}

/** 128 random bits: short enough for a link, too many to guess. */
const randomCode = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
