import type { Conversation } from "../store/conversations.ts";
import type { Services } from "./context.ts";
import { personOf } from "./messages.ts";

/** How many of a person's conversations, the most recently active, hear at once of a new name or reading language. */
const announcedConversations = 200;

type Roster = Pick<Conversation, "id" | "title" | "members">;

/** Tells the room who its members are now. Called again after a failure it does no harm. */
export async function announceMembers(services: Services, conversation: Roster): Promise<void> {
  const { id, title, members } = conversation;
  await services.room(id).membersChanged(id, title, members.map(personOf));
}

/**
 * Tells the rooms of a person that their name or language changed. A room that cannot be told now learns it with the next
 * change of its members: the profile itself is stored already.
 */
export async function announceProfile(services: Services, userId: string): Promise<void> {
  const conversations = await services.store.conversations.list(userId, undefined, announcedConversations);
  await Promise.allSettled(conversations.map((conversation) => announceMembers(services, conversation)));
}
