import { forEachAtOnce } from "../concurrency.ts";

/** Whether somebody is here, and otherwise when they last were. */
export interface Presence {
  readonly isOnline: boolean;
  /** Milliseconds since the epoch; 0: never, or not known. */
  readonly lastSeen: number;
}

export interface PresenceParts {
  /** People who share a conversation with this one. */
  readonly contacts: () => Promise<readonly string[]>;
  /** Tells a contact's inbox of this person, and hears of the contact. */
  readonly exchange: (contactId: string, mine: Presence) => Promise<Presence>;
  readonly failed: (error: unknown) => void;
}

/** Inboxes that are told at a time. */
const atOnce = 16;

/** Tells everybody who shares a conversation that this person came or went; answers with the contacts who are or were here. Never rejects. */
export async function exchangePresence(
  { contacts, exchange, failed }: PresenceParts,
  mine: Presence,
): Promise<Map<string, Presence>> {
  const theirs = new Map<string, Presence>();
  try {
    await forEachAtOnce(await contacts(), atOnce, async (contactId) => {
      try {
        theirs.set(contactId, await exchange(contactId, mine));
      } catch (error) {
        failed(error);
      }
    });
  } catch (error) {
    failed(error);
  }
  return theirs;
}
