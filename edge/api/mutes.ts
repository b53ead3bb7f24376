import { createRoute } from "@hono/zod-openapi";
import { type Api, requireMembership, signedIn } from "./context.ts";
import { conversationJson } from "./conversations.ts";
import { apiError } from "./error-codes.ts";
import { bearer, jsonAnswer, jsonBody, problems } from "./routes.ts";
import { conversation, idParams, muteInput } from "./schemas.ts";

const shared = { tags: ["Conversations"], security: bearer, middleware: signedIn, path: "/conversations/{id}/mute" };

const muteRoute = createRoute({
  ...shared,
  method: "put",
  summary: "Mute a conversation for yourself",
  description: "Until a time, or with `null` for good. It stays in your list, and everything in it still reaches you.",
  request: { params: idParams, body: jsonBody(muteInput) },
  responses: { 200: jsonAnswer(conversation, "The conversation."), ...problems },
});

const unmuteRoute = createRoute({
  ...shared,
  method: "delete",
  summary: "Unmute a conversation",
  request: { params: idParams },
  responses: { 204: { description: "It is not muted." }, ...problems },
});

export function addMutes(api: Api): void {
  api.openapi(muteRoute, async (c) => {
    const { store } = c.var.services;
    const { conversationId, userId } = await requireMembership(c, c.req.valid("param").id);
    const { until } = c.req.valid("json");
    await store.mutes.set(conversationId, userId, until === null ? undefined : new Date(until));
    const muted = await store.conversations.find(conversationId, userId);
    if (muted === undefined) throw apiError("conversation_not_found");
    return c.json(conversationJson(muted), 200);
  });

  api.openapi(unmuteRoute, async (c) => {
    const { conversationId, userId } = await requireMembership(c, c.req.valid("param").id);
    await c.var.services.store.mutes.clear(conversationId, userId);
    return c.body(null, 204);
  });
}
