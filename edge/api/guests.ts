import { createRoute } from "@hono/zod-openapi";
import { openGuestThrottle } from "../auth/throttle.ts";
import { randomHex, uuidv7 } from "../ids.ts";
import { begin } from "./auth.ts";
import type { Api } from "./context.ts";
import { announceAs } from "./conversations.ts";
import { guestInput, guestSession } from "./entry-schemas.ts";
import { apiError } from "./error-codes.ts";
import { admit } from "./roster.ts";
import { jsonAnswer, jsonBody, problems } from "./routes.ts";

const guestRoute = createRoute({
  method: "post",
  path: "/auth/guests",
  tags: ["Sign in"],
  summary: "Join by invite as a guest",
  description:
    "Without an account: a guest reads and writes in the conversation that the invite leads to, and nowhere else. They " +
    "invite and add nobody, pin nothing, and stay for as long as their tokens are refreshed.",
  request: { body: jsonBody(guestInput) },
  responses: { 201: jsonAnswer(guestSession, "Signed in; the cookies are set as well."), ...problems },
});

export function addGuests(api: Api): void {
  api.openapi(guestRoute, async (c) => {
    const { services } = c.var;
    const { store, now, settings } = services;
    const { code, ...profile } = c.req.valid("json");
    await openGuestThrottle(settings).attempt(c.req.header("cf-connecting-ip") ?? "");
    const invite = await store.invites.find(code, now());
    if (invite === undefined) throw apiError("invite_not_found");
    const { conversationId } = invite;
    const guest = {
      ...profile,
      id: uuidv7(now().getTime()),
      username: `guest-${randomHex(8)}`,
      alsoReads: [],
      isGuest: true,
      passwordHash: undefined,
      createdAt: now(),
    };
    if (!(await store.users.create(guest))) throw apiError("username_taken");
    try {
      await admit(services, { conversationId, userId: guest.id, role: "guest", invite: code });
    } catch (error) {
      await store.users.removeGuest(guest.id);
      throw error;
    }
    // A room that cannot be told now learns of the guest when they open its socket: they are a member already.
    await Promise.allSettled([announceAs(services, conversationId, guest.id)]);
    return c.json({ ...(await begin(c, guest)), conversationId }, 201);
  });
}
