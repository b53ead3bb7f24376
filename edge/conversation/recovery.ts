import type { LogPosition } from "./contract.ts";
import { limits } from "./limits.ts";

/**
 * Whether a client that has seen everything up to `seen` can be given precisely what it missed. Otherwise it has to start
 * from a sync: never a partial recovery. A position of another epoch says nothing about this log, nor does one ahead of it or
 * before what is left of it.
 */
export function canRecover(
  seen: LogPosition | undefined,
  log: LogPosition & { readonly trimmed: number },
): seen is LogPosition {
  if (seen === undefined || seen.epoch !== log.epoch) return false;
  const missed = log.offset - seen.offset;
  return seen.offset >= log.trimmed && missed >= 0 && missed <= limits.recoveredEvents;
}
