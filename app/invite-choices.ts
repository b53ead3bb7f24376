import type { InviteInput } from "./load-context.ts";
import type { StringKey } from "./strings/english.ts";

type Lifetime = NonNullable<InviteInput["expiresIn"]>;

/** How long an invite may last, and what the interface calls it. */
export const lifetimes = {
  "1h": "inviteHour",
  "1d": "inviteDay",
  "7d": "inviteWeek",
  "30d": "inviteMonth",
} as const satisfies Record<Lifetime, StringKey>;

const isLifetime = (value: string): value is Lifetime => Object.hasOwn(lifetimes, value);

/** How many people an invite may let in, besides any number. */
export const useCounts = [1, 5, 10, 50] as const;

/** What the fields of the invite dialog ask for; what is none of the choices counts as not chosen. */
export function chosenInvite(expiresIn: string, maxUses: string): InviteInput {
  const uses = useCounts.find((count) => String(count) === maxUses);
  return { ...(isLifetime(expiresIn) && { expiresIn }), ...(uses !== undefined && { maxUses: uses }) };
}
