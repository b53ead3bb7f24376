/*
 * What the pages offer to whom. The API decides (edge/auth/permissions.ts): who is offered too much is refused there.
 */

interface Person {
  readonly userId: string;
  /** "owner", "admin", "member" or "guest". */
  readonly role: string;
}

/** What one member can do to another. */
export interface Rights {
  /** Or ban: who may do the one may do the other. */
  readonly remove: boolean;
  /** The role that they can give to the other; undefined: none. */
  readonly appoint: "admin" | "member" | undefined;
}

/** Whether somebody looks after the conversation: changes its title, and sees who is banned. */
export const isModerator = ({ role }: Person): boolean => role === "owner" || role === "admin";

/** What `me` can do to `other`; nothing to oneself. */
export function rightsOver(me: Person, other: Person): Rights {
  if (me.userId === other.userId || other.role === "owner") return { remove: false, appoint: undefined };
  if (me.role !== "owner") return { remove: me.role === "admin" && other.role !== "admin", appoint: undefined };
  return { remove: true, appoint: other.role === "admin" ? "member" : other.role === "member" ? "admin" : undefined };
}
