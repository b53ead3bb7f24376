import type { Audience } from "./audience.ts";
import type { Person } from "./contract.ts";
import type { Outgoing } from "./fanout.ts";
import type { Interpreter } from "./interpreter.ts";
import type { LastSeen } from "./last-seen.ts";
import { limits } from "./limits.ts";
import type { ConversationLog } from "./log.ts";
import type { StoredMessage } from "./messages.ts";
import type { Notifier } from "./notifier.ts";
import type { Outbox } from "./outbox.ts";
import type { ReadPositions } from "./read-positions.ts";
import type { Roster } from "./roster.ts";
import type { TranslationSwitch } from "./translation-switch.ts";
import type { Views } from "./views.ts";

export interface MembershipParts {
  readonly log: ConversationLog;
  readonly roster: Roster;
  readonly readPositions: ReadPositions;
  readonly lastSeen: LastSeen;
  readonly translation: TranslationSwitch;
  readonly interpreter: Interpreter;
  readonly outbox: Outbox;
  readonly audience: Audience;
  readonly views: Views;
  /** Undefined where there are no inboxes to tell. */
  readonly notifier: Notifier | undefined;
  readonly now: () => number;
  /** Asks for translations of messages into languages. */
  readonly want: (messages: readonly StoredMessage[], languages: readonly string[]) => void;
}

/** What follows when the system of record says who is in a conversation, and how it is to be there. */
export class Membership {
  readonly #parts: MembershipParts;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  /**
   * Replaces the members; people who are gone lose their sockets, people who read another language get a new page. The first
   * members a room hears of are how things stand; whatever differs later is an event of the log.
   *
   * @param newTitle undefined: the title is as it was
   */
  replace(members: readonly Person[], newTitle: string | undefined): void {
    const { log, roster, readPositions, lastSeen, outbox, audience, views, notifier, now } = this.#parts;
    const known = new Set(roster.members().map(({ userId }) => userId));
    const reads = new Map(roster.sessions.map((session) => [session, session.person.readingLanguage]));
    const { changed, removed } = roster.replace(members);
    // Who joins has nothing to catch up on.
    const { offset } = log.position;
    if (offset > 0) for (const { userId } of changed) if (!known.has(userId)) readPositions.advance(userId, offset);
    for (const { userId } of removed) {
      readPositions.forget(userId);
      lastSeen.forget(userId);
    }
    outbox.notice();
    notifier?.notice();
    notifier?.notice(removed.map(({ userId }) => userId));
    if (known.size > 0) {
      const entries = [
        ...(newTitle === undefined ? [] : [log.appendTitle(newTitle, now())]),
        ...changed.map((person) => log.appendMemberChange(person, false, now())),
        ...removed.map((person) => log.appendMemberChange(person, true, now())),
      ];
      outbox.notice();
      audience.broadcast(entries);
    }
    for (const { userId } of removed) {
      for (const session of roster.sessionsOf(userId)) audience.expel(session, "removed");
    }
    for (const session of roster.sessions) {
      if (session.person.readingLanguage !== reads.get(session))
        audience.deliver([session], [views.page(session.person, 0)]);
    }
  }

  /** Off, nothing is asked for any more, nor taken of what was; on again, everybody begins with a page. */
  turnTranslation(on: boolean): void {
    const { translation, outbox, interpreter, audience, now } = this.#parts;
    const entry = translation.turn(on, now());
    if (entry === undefined) return;
    outbox.notice();
    if (!on) interpreter.stop();
    audience.broadcast([entry, ...(on ? this.#newestPages() : [])]);
  }

  /** The newest page in each language that is read here; what they lack is asked for, of a message for all languages at once. */
  #newestPages(): Outgoing[] {
    const { log, roster, views, want } = this.#parts;
    const languages = roster.presentLanguages();
    want(log.page(0, limits.defaultPageSize).messages, languages);
    return languages.map((language) => ({ ...views.page({ readingLanguage: language }, 0), language }));
  }
}
