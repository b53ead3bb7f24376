import type { Conversation } from "./load-context.ts";
import type { StringKey } from "./strings/english.ts";

const hour = 3_600_000;

/** For how long a conversation may be muted, in milliseconds; null: for good. */
const durations = { hour, night: 8 * hour, week: 7 * 24 * hour, good: null } as const;

export type MuteChoice = keyof typeof durations;

/** The choices in the order in which they are offered, and what the interface calls them. */
export const muteChoices = [
  ["hour", "muteHour"],
  ["night", "muteNight"],
  ["week", "muteWeek"],
  ["good", "muteForGood"],
] as const satisfies readonly (readonly [MuteChoice, StringKey])[];

export const isMuteChoice = (value: string): value is MuteChoice => Object.hasOwn(durations, value);

/** ISO 8601 time until which a choice mutes; null: for good. */
export function mutedUntil(choice: MuteChoice, now: number): string | null {
  const duration = durations[choice];
  return duration === null ? null : new Date(now + duration).toISOString();
}

/** @param now milliseconds since the epoch */
export const isMuted = (mute: Conversation["mute"], now: number): boolean =>
  mute !== undefined && (mute.until === null || Date.parse(mute.until) > now);
