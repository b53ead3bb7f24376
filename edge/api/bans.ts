import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { may, mayRemove } from "../auth/permissions.ts";
import type { Ban } from "../store/bans.ts";
import type { Membership } from "../store/conversations.ts";
import { type Api, requireMembership, type SignedInEnv, signedIn } from "./context.ts";
import { type Ban as BanJson, ban, banInput, banList, banParams } from "./entry-schemas.ts";
import { apiError } from "./error-codes.ts";
import { announceMembers } from "./roster.ts";
import { bearer, jsonAnswer, jsonBody, problems } from "./routes.ts";
import { idParams } from "./schemas.ts";

const shared = { tags: ["Bans"], security: bearer, middleware: signedIn };

const banRoute = createRoute({
  ...shared,
  method: "post",
  path: "/conversations/{id}/bans",
  summary: "Ban a member",
  description:
    "Owners ban anybody else, admins members and guests. They are removed, their sockets close, and they can neither " +
    "join nor be added until the ban is lifted. Banning somebody again changes nothing.",
  request: { params: idParams, body: jsonBody(banInput) },
  responses: { 200: jsonAnswer(ban, "The ban."), ...problems },
});

const listRoute = createRoute({
  ...shared,
  method: "get",
  path: "/conversations/{id}/bans",
  summary: "Who is banned",
  description: "For owners and admins.",
  request: { params: idParams },
  responses: { 200: jsonAnswer(banList, "The newest first."), ...problems },
});

const liftRoute = createRoute({
  ...shared,
  method: "delete",
  path: "/conversations/{id}/bans/{userId}",
  summary: "Lift a ban",
  description: "For owners and admins. It brings nobody back: they join or are added as anybody else.",
  request: { params: banParams },
  responses: { 204: { description: "They may come back." }, ...problems },
});

export function addBans(api: Api): void {
  api.openapi(banRoute, async (c) => {
    const { services } = c.var;
    const { store, now } = services;
    const { id } = c.req.valid("param");
    const { userId, reason = "" } = c.req.valid("json");
    const { userId: bannedBy, role, title, translates } = await requireModerator(c, id);
    if ((await store.bans.find(id, userId)) === undefined) {
      const member = await store.conversations.membership(id, userId);
      if (member === undefined) throw apiError("member_not_found");
      if (!mayRemove(role, member.role)) throw apiError("not_permitted");
      await store.bans.add({ conversationId: id, userId, bannedBy, reason, now: now() });
    }
    // When this failed the last time, asking again mends it.
    await announceMembers(services, { id, title, translates, members: await store.conversations.members(id) });
    const made = await store.bans.find(id, userId);
    if (made === undefined) throw apiError("ban_not_found");
    return c.json(banJson(made), 200);
  });

  api.openapi(listRoute, async (c) => {
    const { id } = c.req.valid("param");
    await requireModerator(c, id);
    return c.json({ bans: (await c.var.services.store.bans.list(id)).map(banJson) }, 200);
  });

  api.openapi(liftRoute, async (c) => {
    const { id, userId } = c.req.valid("param");
    await requireModerator(c, id);
    if (!(await c.var.services.store.bans.lift(id, userId))) throw apiError("ban_not_found");
    return c.body(null, 204);
  });
}

/** The caller as a member who looks after bans; throws `conversation_not_found` or `not_permitted`. */
async function requireModerator(c: Context<SignedInEnv>, conversationId: string): Promise<Membership> {
  const membership = await requireMembership(c, conversationId);
  if (!may(membership.role, "ban")) throw apiError("not_permitted");
  return membership;
}

const banJson = ({ createdAt, ...rest }: Ban): BanJson => ({ ...rest, createdAt: createdAt.toISOString() });
