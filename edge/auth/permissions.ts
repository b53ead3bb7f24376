import type { Role } from "../conversation/contract.ts";

/** What a member may do in a conversation. Reading, writing and leaving are for every member, so they are not here. */
export type Action = "rename" | "switch_translation" | "invite" | "pin" | "ban" | "oversee_invites";

interface Permissions {
  readonly actions: readonly Action[];
  /** Roles that this one may give to somebody who joins. */
  readonly grants: readonly Role[];
  /** Roles of the others that this one may remove, and ban. */
  readonly removes: readonly Role[];
}

const permissions: Readonly<Record<Role, Permissions>> = {
  owner: {
    actions: ["rename", "switch_translation", "invite", "pin", "ban", "oversee_invites"],
    grants: ["admin", "member", "guest"],
    removes: ["admin", "member", "guest"],
  },
  admin: {
    actions: ["rename", "switch_translation", "invite", "pin", "ban", "oversee_invites"],
    grants: ["member", "guest"],
    removes: ["member", "guest"],
  },
  member: { actions: ["invite", "pin"], grants: ["member", "guest"], removes: [] },
  guest: { actions: [], grants: [], removes: [] },
};

export const may = (role: Role, action: Action): boolean => permissions[role].actions.includes(action);

export const mayGrant = (role: Role, granted: Role): boolean => permissions[role].grants.includes(granted);

/** Who may remove somebody may ban them as well. */
export const mayRemove = (role: Role, removed: Role): boolean => permissions[role].removes.includes(removed);

/** Roles between which an owner may move somebody. */
const appointed: readonly Role[] = ["admin", "member"];

/** Whether a person of a role may give another person, who has the role `from`, the role `to`. */
export const mayAppoint = (role: Role, from: Role, to: Role): boolean =>
  role === "owner" && appointed.includes(from) && appointed.includes(to);
