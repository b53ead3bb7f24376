import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { authenticate } from "../auth/authenticate.ts";
import { openSessions, type Sessions } from "../auth/sessions.ts";
import type { Identity } from "../auth/tokens.ts";
import type { RoomApi } from "../conversation/contract.ts";
import { type Env, parseSettings, type Settings } from "../env.ts";
import type { Membership } from "../store/conversations.ts";
import { openStore, type Store } from "../store/index.ts";
import { apiError } from "./error-codes.ts";

/** What a test may put in place of the real thing. */
export interface ApiOptions {
  readonly now?: () => Date;
  readonly bcryptCost?: number;
  readonly room?: (env: Env, conversationId: string) => RoomApi;
}

/** What the routes work with, made anew for each request: nothing in a Worker may outlive one. */
export interface Services {
  readonly settings: Settings;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly now: () => Date;
  readonly bcryptCost: number | undefined;
  readonly room: (conversationId: string) => RoomApi;
}

export type ApiEnv = { Bindings: Env; Variables: { services: Services } };
export type SignedInEnv = { Bindings: Env; Variables: { services: Services; identity: Identity } };
export type Api = OpenAPIHono<ApiEnv>;

/** Opens the services of a request. */
export const provideServices = ({ now = () => new Date(), bcryptCost, room = roomOf }: ApiOptions) =>
  createMiddleware<ApiEnv>(async (c, next) => {
    const settings = parseSettings(c.env);
    const store = openStore(settings);
    const sessions = openSessions({ refreshTokens: store.refreshTokens, settings, now });
    c.set("services", { settings, store, sessions, now, bcryptCost, room: (id) => room(c.env, id) });
    await next();
  });

/** Lets only people through who are signed in. */
export const signedIn = createMiddleware<SignedInEnv>(async (c, next) => {
  const { settings, now } = c.var.services;
  c.set("identity", await authenticate(c.req.raw, settings, now()));
  await next();
});

/** The caller as a member; a stranger is told what everybody is told of a conversation that does not exist. */
export async function requireMembership(c: Context<SignedInEnv>, conversationId: string): Promise<Membership> {
  const membership = await c.var.services.store.conversations.membership(conversationId, c.var.identity.userId);
  if (membership === undefined) throw apiError("conversation_not_found");
  return membership;
}

/** Throws `not_permitted` for guests, who have no account of their own. */
export async function requireAccount(c: Context<SignedInEnv>): Promise<void> {
  const user = await c.var.services.store.users.find(c.var.identity.userId);
  if (user === undefined) throw apiError("session_expired");
  if (user.isGuest) throw apiError("not_permitted");
}

/** The one object that holds a conversation's log. */
function roomOf(env: Env, conversationId: string): RoomApi {
  return env.CONVERSATION_ROOM.get(env.CONVERSATION_ROOM.idFromName(conversationId));
}
