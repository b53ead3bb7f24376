import type { Role } from "../conversation/contract.ts";
import type { Conversation, Member } from "../store/conversations.ts";
import type { Services } from "./context.ts";
import { apiError } from "./error-codes.ts";
import { bounds } from "./schemas.ts";

/** How many of a person's conversations, the most recently active, hear at once of a new name or reading language. */
const announcedConversations = 200;

type Roster = Pick<Conversation, "id" | "title" | "members">;

/** Makes somebody a member; throws `conversation_full` or `banned`. Who is a member already stays what they are. */
export async function admit({ store, now }: Services, id: string, userId: string, role: Role): Promise<void> {
  const outcome = await store.conversations.addMember(id, userId, role, now(), bounds.members);
  if (outcome === "full") throw apiError("conversation_full");
  if (outcome === "banned") throw apiError("banned");
}

/** Tells the room who its members are now. Called again after a failure it does no harm. */
export async function announceMembers(services: Services, conversation: Roster): Promise<void> {
  const { id, title, members } = conversation;
  await services.room(id).membersChanged(id, title, members.map(person));
}

/**
 * Tells the rooms of a person that their name or language changed. A room that cannot be told now learns it with the next
 * change of its members: the profile itself is stored already.
 */
export async function announceProfile(services: Services, userId: string): Promise<void> {
  const conversations = await services.store.conversations.list(userId, undefined, announcedConversations);
  await Promise.allSettled(conversations.map((conversation) => announceMembers(services, conversation)));
}

/** Without the username, which the room has no use for. */
const person = ({ userId, displayName, role, readingLanguage }: Member) => ({
  userId,
  displayName,
  role,
  readingLanguage,
});
