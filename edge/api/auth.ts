import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { clearedCookies, cookieNames, readCookies, type SessionTokens, sessionCookies } from "../auth/cookies.ts";
import { hashPassword, verifyPassword } from "../auth/passwords.ts";
import { requireSameOrigin } from "../auth/same-origin.ts";
import { openLoginThrottle } from "../auth/throttle.ts";
import { accessTokenLifetime } from "../auth/tokens.ts";
import { uuidv7 } from "../ids.ts";
import type { User } from "../store/users.ts";
import type { Api, ApiEnv, Services } from "./context.ts";
import { apiError } from "./error-codes.ts";
import { jsonAnswer, jsonBody, problems } from "./routes.ts";
import { loginInput, refreshInput, registerInput, type Session, session } from "./schemas.ts";
import { userJson } from "./users.ts";

const tags = ["Sign in"];

const registerRoute = {
  tags,
  summary: "Create an account and sign in",
  request: { body: jsonBody(registerInput) },
  responses: { 201: jsonAnswer(session, "Signed in; the cookies are set as well."), ...problems },
};

const loginRoute = createRoute({
  method: "post",
  path: "/auth/login",
  tags,
  summary: "Sign in",
  request: { body: jsonBody(loginInput) },
  responses: { 200: jsonAnswer(session, "Signed in; the cookies are set as well."), ...problems },
});

const refreshRoute = createRoute({
  method: "post",
  path: "/auth/refresh",
  tags,
  summary: "Get the next access token",
  description: "With the refresh token in the body, or from the browser's own pages in its cookie.",
  request: { body: { required: false, content: { "application/json": { schema: refreshInput } } } },
  responses: { 200: jsonAnswer(session, "The next tokens; the old refresh token is used up."), ...problems },
});

const logoutRoute = createRoute({
  method: "post",
  path: "/auth/logout",
  tags,
  summary: "Sign out",
  request: { body: { required: false, content: { "application/json": { schema: refreshInput } } } },
  responses: { 204: { description: "Signed out; the cookies are cleared." }, ...problems },
});

/** Accounts and sign-ins. `POST /users` is another name of `POST /auth/register`. */
export function addAuth(api: Api): void {
  for (const path of ["/auth/register", "/users"] as const) {
    api.openapi(createRoute({ method: "post", path, ...registerRoute }), async (c) => {
      const { password, ...profile } = c.req.valid("json");
      const { store, now, bcryptCost } = c.var.services;
      const passwordHash = await hashPassword(password, bcryptCost);
      const account = {
        id: uuidv7(now().getTime()),
        ...profile,
        alsoReads: [],
        isGuest: false,
        passwordHash,
        createdAt: now(),
      };
      if (!(await store.users.create(account))) throw apiError("username_taken");
      return c.json(await begin(c, account), 201);
    });
  }

  api.openapi(loginRoute, async (c) => {
    const { username, password } = c.req.valid("json");
    const { store, settings } = c.var.services;
    const address = c.req.header("cf-connecting-ip") ?? "";
    const throttle = openLoginThrottle(settings);
    await throttle.attempt(username, address);
    const account = await store.users.findAccount(username);
    if (!(await verifyPassword(password, account?.passwordHash)) || account === undefined) {
      throw apiError("invalid_credentials");
    }
    await throttle.succeeded(username, address);
    return c.json(await begin(c, account), 200);
  });

  api.openapi(refreshRoute, async (c) => {
    const { sessions, store } = c.var.services;
    const presented = presentedToken(c, c.req.valid("json").refreshToken);
    if (presented === undefined) throw apiError("not_signed_in");
    const tokens = await sessions.refresh(presented);
    const user = await store.users.find(tokens.userId);
    if (user === undefined) throw apiError("session_expired");
    return c.json(answer(c, user, tokens), 200);
  });

  api.openapi(logoutRoute, async (c) => {
    const presented = presentedToken(c, c.req.valid("json").refreshToken);
    if (presented !== undefined) await c.var.services.sessions.end(presented);
    for (const cookie of clearedCookies(c.req.url)) c.header("set-cookie", cookie, { append: true });
    return c.body(null, 204);
  });
}

/** Signs somebody in: the tokens, in the answer and as cookies. */
export async function begin(c: Context<ApiEnv>, user: User): Promise<Session> {
  const { sessions }: Services = c.var.services;
  return answer(c, user, await sessions.begin(user.id));
}

function answer(c: Context<ApiEnv>, user: User, { accessToken, refreshToken }: SessionTokens): Session {
  const cookies = sessionCookies({ accessToken, refreshToken }, c.req.url);
  for (const cookie of cookies) c.header("set-cookie", cookie, { append: true });
  return { user: userJson(user), accessToken, expiresIn: accessTokenLifetime, refreshToken };
}

/** From the body, else from the cookie, which counts only when the request comes from our own pages. */
function presentedToken(c: Context<ApiEnv>, fromBody: string | undefined): string | undefined {
  if (fromBody !== undefined) return fromBody;
  const fromCookie = readCookies(c.req.raw.headers).get(cookieNames.refresh);
  if (fromCookie !== undefined) requireSameOrigin(c.req.raw);
  return fromCookie;
}
