import type { Conversation, Joining } from "../store/conversations.ts";
import type { Services } from "./context.ts";
import { apiError } from "./error-codes.ts";
import { personOf } from "./messages.ts";
import { bounds } from "./schemas.ts";

/** How many of a person's conversations, the most recently active, hear at once of a new name or reading language. */
const announcedConversations = 200;

type Roster = Pick<Conversation, "id" | "title" | "members" | "translates">;

/**
 * Makes somebody a member; throws `conversation_full`, `banned`, or `invite_not_found` when their invite lets nobody in any
 * more. Who is a member already stays what they are.
 */
export async function admit({ store, now }: Services, joining: Omit<Joining, "now" | "maxMembers">): Promise<void> {
  const outcome = await store.conversations.addMember({ ...joining, now: now(), maxMembers: bounds.members });
  switch (outcome) {
    case "joined":
      return;
    case "full":
      throw apiError("conversation_full");
    case "banned":
      throw apiError("banned");
    case "spent":
      throw apiError("invite_not_found");
  }
}

/** Tells the room who its members are now, its title, and whether it is translated. Called again after a failure it does no harm. */
export async function announceMembers(services: Services, conversation: Roster): Promise<void> {
  const { id, title, members, translates } = conversation;
  await services.room(id).membersChanged(id, title, members.map(personOf), translates);
}

/**
 * Tells the rooms of a person that their name or language changed. A room that cannot be told now learns it with the next
 * change of its members: the profile itself is stored already.
 */
export async function announceProfile(services: Services, userId: string): Promise<void> {
  const conversations = await services.store.conversations.list(userId, undefined, announcedConversations);
  await Promise.allSettled(conversations.map((conversation) => announceMembers(services, conversation)));
}
