/** Every code with which the room closes a socket, and whether the client should come back. */
export const closeCodes = {
  malformed_frames: { code: 4400, reconnect: false, reason: "Too many malformed frames; mend the client." },
  removed: { code: 4403, reconnect: false, reason: "You are no longer a member of this conversation." },
  lagging: {
    code: 4408,
    reconnect: true,
    reason: "You are too far behind; reconnect, recover, and acknowledge offsets.",
  },
  replaced: { code: 4409, reconnect: false, reason: "You opened this conversation in too many places." },
  frame_too_large: { code: 4413, reconnect: false, reason: "A frame was larger than 64 KiB; send smaller ones." },
  internal_error: { code: 4500, reconnect: true, reason: "Something broke on our side; reconnect and recover." },
} as const satisfies Record<string, { readonly code: number; readonly reconnect: boolean; readonly reason: string }>;

export type CloseReason = keyof typeof closeCodes;
