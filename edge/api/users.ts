import { createRoute } from "@hono/zod-openapi";
import type { User } from "../store/users.ts";
import { type Api, requireAccount, signedIn } from "./context.ts";
import { decodeUserCursor, encodeUserCursor, paginate } from "./cursors.ts";
import { apiError } from "./error-codes.ts";
import { announceProfile } from "./roster.ts";
import { bearer, jsonAnswer, jsonBody, problems } from "./routes.ts";
import { profileInput, type User as UserJson, user, userPage, userParams, userQuery } from "./schemas.ts";

const tags = ["People"];

const searchRoute = createRoute({
  method: "get",
  path: "/users",
  tags,
  summary: "Find people by the beginning of their username",
  description: "Not for guests, and guests are not found.",
  security: bearer,
  middleware: signedIn,
  request: { query: userQuery },
  responses: { 200: jsonAnswer(userPage, "In the order of their usernames."), ...problems },
});

const meRoute = createRoute({
  method: "get",
  path: "/users/me",
  tags,
  summary: "Who is signed in",
  security: bearer,
  middleware: signedIn,
  responses: { 200: jsonAnswer(user, "You."), ...problems },
});

const updateRoute = createRoute({
  method: "put",
  path: "/users/{id}",
  tags,
  summary: "Change your display name or reading language",
  security: bearer,
  middleware: signedIn,
  request: { params: userParams, body: jsonBody(profileInput) },
  responses: { 200: jsonAnswer(user, "You, as you are now."), ...problems },
});

export function addUsers(api: Api): void {
  api.openapi(searchRoute, async (c) => {
    await requireAccount(c);
    const { query, cursor, limit } = c.req.valid("query");
    const after = cursor === undefined ? undefined : decodeUserCursor(cursor);
    const { page, last } = paginate(await c.var.services.store.users.search(query, after, limit + 1), limit);
    const users = page.map(({ id, username, displayName, readingLanguage }) => ({
      id,
      username,
      displayName,
      readingLanguage,
    }));
    return c.json({ users, ...(last === undefined ? {} : { nextCursor: encodeUserCursor(last.username) }) }, 200);
  });

  api.openapi(meRoute, async (c) => {
    const found = await c.var.services.store.users.find(c.var.identity.userId);
    if (found === undefined) throw apiError("session_expired");
    return c.json(userJson(found), 200);
  });

  api.openapi(updateRoute, async (c) => {
    const { services, identity } = c.var;
    const { id } = c.req.valid("param");
    if (id !== "me" && id !== identity.userId) throw apiError("not_yourself");
    const updated = await services.store.users.update(identity.userId, c.req.valid("json"));
    if (updated === undefined) throw apiError("session_expired");
    await announceProfile(services, updated.id);
    return c.json(userJson(updated), 200);
  });
}

export const userJson = ({
  id,
  username,
  displayName,
  readingLanguage,
  alsoReads,
  isGuest,
  createdAt,
}: User): UserJson => ({
  id,
  username,
  displayName,
  readingLanguage,
  alsoReads: [...alsoReads],
  isGuest,
  createdAt: createdAt.toISOString(),
});
