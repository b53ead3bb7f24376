import type { StringKey } from "./strings/english.ts";

const known = {
  owner: "roleOwner",
  admin: "roleAdmin",
  member: "roleMember",
  guest: "roleGuest",
} as const satisfies Record<string, StringKey>;

const isKnown = (role: string): role is keyof typeof known => Object.hasOwn(known, role);

/** What the interface calls a role. */
export const roleKey = (role: string): StringKey => (isKnown(role) ? known[role] : "roleMember");

/** Whether somebody of a role looks after who may come in. */
export const isModerator = (role: string): boolean => role === "owner" || role === "admin";

/** Whether somebody of one role may ban somebody of another. The API decides; this spares people a button that it refuses. */
export const mayBan = (role: string, other: string): boolean =>
  (role === "owner" && other !== "owner") || (role === "admin" && !isModerator(other));
