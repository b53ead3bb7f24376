import { fromBinary, toJson } from "@bufbuild/protobuf";
import { createRoute, z } from "@hono/zod-openapi";
import { MessageSchema } from "../../proto/gen/meeshy/v1/realtime_pb.js";
import type { Person, Revision } from "../conversation/contract.ts";
import type { Member } from "../store/conversations.ts";
import { type Api, requireMembership, signedIn } from "./context.ts";
import { message, messagePage, revisionList, sendInput, sent } from "./message-schemas.ts";
import { known } from "./problems.ts";
import { bearer, jsonAnswer, jsonBody, problems } from "./routes.ts";
import { historyQuery, idParams, messageParams } from "./schemas.ts";

const shared = { tags: ["Messages"], security: bearer, middleware: signedIn };

const historyRoute = createRoute({
  ...shared,
  method: "get",
  path: "/conversations/{id}/messages",
  summary: "Messages as they stand now",
  description: "With their translations into your reading language; what is missing is requested and comes by socket.",
  request: { params: idParams, query: historyQuery },
  responses: { 200: jsonAnswer(messagePage, "A page, oldest first."), ...problems },
});

const sendRoute = createRoute({
  ...shared,
  method: "post",
  path: "/conversations/{id}/messages",
  summary: "Send a message",
  request: { params: idParams, body: jsonBody(sendInput) },
  responses: {
    201: jsonAnswer(sent, "Stored, and on its way to everybody."),
    200: jsonAnswer(sent, "You sent this clientMessageId before: nothing new happened."),
    ...problems,
  },
});

const revisionsRoute = createRoute({
  ...shared,
  method: "get",
  path: "/conversations/{id}/messages/{messageId}/revisions",
  summary: "Every text that a message had",
  description: "The first and that of each edit. None once the message is deleted.",
  request: { params: messageParams },
  responses: { 200: jsonAnswer(revisionList, "Oldest first."), ...problems },
});

export function addMessages(api: Api): void {
  api.openapi(historyRoute, async (c) => {
    const { id } = c.req.valid("param");
    const reader = personOf(await requireMembership(c, id));
    const page = await c.var.services.room(id).history(reader, c.req.valid("query"));
    if (!page.ok) throw known(page.code, page.retryAfterMs);
    const messages = page.messages.map((bytes) =>
      toJson(MessageSchema, fromBinary(MessageSchema, bytes), { alwaysEmitImplicit: true }),
    );
    return c.json({ messages: z.array(message).parse(messages), hasMore: page.hasMore }, 200);
  });

  api.openapi(sendRoute, async (c) => {
    const { id } = c.req.valid("param");
    const author = personOf(await requireMembership(c, id));
    const outcome = await c.var.services.room(id).send(author, c.req.valid("json"));
    if (!outcome.ok) throw known(outcome.code, outcome.retryAfterMs);
    const { messageId, offset, duplicate } = outcome;
    return c.json({ messageId, offset, duplicate }, duplicate ? 200 : 201);
  });

  api.openapi(revisionsRoute, async (c) => {
    const { id, messageId } = c.req.valid("param");
    await requireMembership(c, id);
    const { room, store } = c.var.services;
    // The room first: what is written meanwhile is then in both, and nothing in neither.
    const latest = await room(id).revisions(messageId);
    const recorded = latest?.length === 0 ? [] : await store.messages.revisions(id, messageId);
    // The room lets its oldest messages go; then the system of record has all there is.
    if (latest === undefined && recorded.length === 0) throw known("message_not_found");
    return c.json({ revisions: mergeRevisions(recorded, latest ?? []) }, 200);
  });
}

/** What the room needs to know of a member. */
export const personOf = ({ userId, username, displayName, role, readingLanguage }: Member): Person => ({
  userId,
  username,
  displayName,
  role,
  readingLanguage,
});

/** Each revision once, oldest first. Of one that both know the room's counts: it is the one that people see. */
function mergeRevisions(recorded: readonly Revision[], latest: readonly Revision[]) {
  const byNumber = new Map([...recorded, ...latest].map((one) => [one.revision, one]));
  return [...byNumber.values()]
    .sort((one, other) => one.revision - other.revision)
    .map((one) => ({ ...one, createdAt: new Date(one.createdAt).toISOString() }));
}
