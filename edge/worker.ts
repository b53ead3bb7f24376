import { Hono } from "hono";
import { createApi } from "./api/index.ts";
import { answerError } from "./api/problems.ts";
import { withBrowserSession } from "./auth/browser-session.ts";
import { openSessions } from "./auth/sessions.ts";
import { type Env, parseSettings } from "./env.ts";
import { fleet } from "./fleet/routes.ts";
import { health } from "./health.ts";
import { openPages } from "./pages.ts";
import { openSocket } from "./socket.ts";
import { openStore } from "./store/index.ts";

export { ConversationRelay } from "./conversation/conversation-relay.ts";
export { ConversationRoom } from "./conversation/room.ts";
export { FleetRegistry } from "./fleet/fleet-registry.ts";
export { UserInbox } from "./inbox/user-inbox.ts";

const api = createApi();
const respondWithPage = openPages((request, env, context) => worker.fetch(request, env, context));

const worker = new Hono<{ Bindings: Env }>();
worker.onError(answerError);
worker.route("/api/fleet", fleet);
worker.route("/api", api);
worker.route("/", health);
worker.get("/ws", (c) => openSocket(c.req.raw, c.env));
worker.all("*", (c) => {
  const settings = parseSettings(c.env);
  const now = () => new Date();
  const sessions = openSessions({ refreshTokens: openStore(settings).refreshTokens, settings, now });
  return withBrowserSession(c.req.raw, { sessions, settings, now }, (request) =>
    respondWithPage(request, c.env, c.executionCtx),
  );
});

export default { fetch: worker.fetch } satisfies ExportedHandler<Env>;
