import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { addAuth } from "./auth.ts";
import { addBans } from "./bans.ts";
import { type Api, type ApiEnv, type ApiOptions, provideServices } from "./context.ts";
import { addConversations } from "./conversations.ts";
import { apiError } from "./error-codes.ts";
import { addGuests } from "./guests.ts";
import { addInvites } from "./invites.ts";
import { addMembers } from "./members.ts";
import { addMessages } from "./messages.ts";
import { addMutes } from "./mutes.ts";
import { addOpenApi } from "./openapi.ts";
import { answerError, answerInvalid } from "./problems.ts";
import { bounds } from "./schemas.ts";
import { addUsers } from "./users.ts";

/** The REST API, to be mounted at /api. Every refusal is a problem document (RFC 9457) with a stable code. */
export function createApi(options: ApiOptions = {}): Api {
  const api: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => (result.success ? undefined : answerInvalid(result.error)),
  });
  api.onError(answerError);
  api.use(bodyLimit({ maxSize: bounds.bodyBytes, onError: refuseLargeBody }), requireJson, provideServices(options));
  addOpenApi(api);
  addAuth(api);
  addGuests(api);
  addUsers(api);
  addInvites(api);
  addConversations(api);
  addMembers(api);
  addMutes(api);
  addBans(api);
  addMessages(api);
  api.all("*", () => {
    throw apiError("route_not_found");
  });
  return api;
}

function refuseLargeBody(): never {
  throw apiError("body_too_large");
}

/** A body is JSON and says so; besides, other sites' forms cannot send it without asking first. */
const requireJson = createMiddleware(async (c, next) => {
  const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  // Browsers say that a POST without a body has a length of 0, and workerd then makes an empty stream of it.
  const hasBody = c.req.raw.body !== null && c.req.header("content-length") !== "0";
  if (hasBody && type !== "application/json") throw apiError("unsupported_media_type");
  await next();
});
