import { z } from "zod";
import { languageCodes } from "../../proto/languages.ts";
import type { Person } from "./contract.ts";
import type { Database } from "./database.ts";
import type { Protocol } from "./limits.ts";

/** What the room does with a WebSocket. */
export interface Socket {
  send(data: string | Uint8Array): void;
  close(code: number, reason: string): void;
  /** Keeps up to 16 KiB with the socket while the room hibernates. */
  serializeAttachment(attachment: unknown): void;
}

const attachmentSchema = z.object({
  person: z.object({
    userId: z.string(),
    // Empty: a room that has not heard from the Worker since before it told usernames.
    username: z.string().default(""),
    displayName: z.string(),
    role: z.enum(["owner", "admin", "member", "guest"]),
    readingLanguage: z.enum(languageCodes),
  }),
  protocol: z.enum(["proto", "json"]),
  acknowledged: z.number(),
});

/** One open socket of a person. */
export interface Session {
  readonly socket: Socket;
  person: Person;
  readonly protocol: Protocol;
  /** Highest offset that the client says it has processed. */
  acknowledged: number;
  /** Malformed frames since the room last woke. */
  malformed: number;
}

/** Checks the person that the Worker vouches for; throws when it is not one. */
export const parsePerson = (value: unknown): Person => attachmentSchema.shape.person.parse(value);

/**
 * Who belongs to the conversation, who of them is here, and what they read. Members are in storage and sessions in the
 * sockets' attachments, so that both are there again when the room wakes.
 */
export class Roster {
  readonly #database: Database;
  readonly #sessions = new Map<Socket, Session>();
  /** What the people who are here read; undefined: to be found out again. */
  #languages: string[] | undefined;

  /** Takes up the sockets that outlived the room's memory, with what was attached to them. */
  constructor(database: Database, sockets: Iterable<{ readonly socket: Socket; readonly attachment: unknown }>) {
    this.#database = database;
    for (const { socket, attachment } of sockets) {
      const session = fromAttachment(socket, attachment);
      if (session !== undefined) this.#sessions.set(socket, session);
    }
  }

  /** How many sockets there are. */
  get size(): number {
    return this.#sessions.size;
  }

  get sessions(): Session[] {
    return [...this.#sessions.values()];
  }

  session(socket: Socket): Session | undefined {
    return this.#sessions.get(socket);
  }

  /** Oldest first. */
  sessionsOf(userId: string): Session[] {
    return this.sessions.filter(({ person }) => person.userId === userId);
  }

  isPresent(userId: string): boolean {
    return this.sessions.some(({ person }) => person.userId === userId);
  }

  /** The languages that the people who are here read, each once. */
  presentLanguages(): string[] {
    this.#languages ??= [...new Set(this.sessions.map(({ person }) => person.readingLanguage))];
    return this.#languages;
  }

  enter(socket: Socket, person: Person, protocol: Protocol, acknowledged: number): Session {
    const session: Session = { socket, person, protocol, acknowledged, malformed: 0 };
    this.#sessions.set(socket, session);
    this.#languages = undefined;
    this.#attach(session);
    return session;
  }

  /**
   * Takes a socket off; undefined when it was off already. A room that wakes because a socket closes is no longer given
   * that socket among the open ones, so what is attached to it says whose it was.
   */
  leave(socket: Socket, attachment?: unknown): Session | undefined {
    const session = this.#sessions.get(socket) ?? fromAttachment(socket, attachment);
    this.#sessions.delete(socket);
    this.#languages = undefined;
    socket.serializeAttachment(null);
    return session;
  }

  acknowledge(session: Session, offset: number): void {
    if (offset <= session.acknowledged) return;
    session.acknowledged = offset;
    this.#attach(session);
  }

  /** Nobody can have acknowledged more than there is. */
  boundAcknowledged(offset: number): void {
    for (const session of this.#sessions.values()) session.acknowledged = Math.min(session.acknowledged, offset);
  }

  /** The members by name, as far as the room has been told or has met them. */
  members(): Person[] {
    return this.#database
      .all<MemberRow>(
        "SELECT user_id, username, display_name, role, reading_language FROM members ORDER BY display_name, user_id",
      )
      .map(fromRow);
  }

  member(userId: string): Person | undefined {
    const [row] = this.#database.all<MemberRow>("SELECT * FROM members WHERE user_id = ?", userId);
    return row && fromRow(row);
  }

  /** Notes a person that the Worker vouches for; true when that was news. */
  meet(person: Person): boolean {
    const known = this.member(person.userId);
    if (known !== undefined && isSame(known, person)) return false;
    this.#store(person);
    this.#languages = undefined;
    for (const session of this.sessionsOf(person.userId)) {
      session.person = person;
      this.#attach(session);
    }
    return true;
  }

  /** Replaces the members; says who is new or different, and who is gone. */
  replace(members: readonly Person[]): { readonly changed: Person[]; readonly removed: Person[] } {
    const staying = new Set(members.map(({ userId }) => userId));
    const removed = this.members().filter(({ userId }) => !staying.has(userId));
    return this.#database.transaction(() => {
      for (const { userId } of removed) this.#database.all("DELETE FROM members WHERE user_id = ?", userId);
      return { changed: members.filter((member) => this.meet(member)), removed };
    });
  }

  #store(person: Person): void {
    this.#database.all(
      "INSERT OR REPLACE INTO members (user_id, username, display_name, role, reading_language) VALUES (?, ?, ?, ?, ?)",
      person.userId,
      person.username,
      person.displayName,
      person.role,
      person.readingLanguage,
    );
  }

  #attach({ socket, person, protocol, acknowledged }: Session): void {
    socket.serializeAttachment({ person, protocol, acknowledged });
  }
}

function fromAttachment(socket: Socket, attachment: unknown): Session | undefined {
  const parsed = attachmentSchema.safeParse(attachment);
  return parsed.success ? { ...parsed.data, socket, malformed: 0 } : undefined;
}

type MemberRow = { user_id: string; username: string; display_name: string; role: string; reading_language: string };

const fromRow = (row: MemberRow): Person =>
  parsePerson({
    userId: row.user_id,
    username: row.username,
    displayName: row.display_name,
    role: row.role,
    readingLanguage: row.reading_language,
  });

const isSame = (one: Person, other: Person): boolean =>
  one.username === other.username &&
  one.displayName === other.displayName &&
  one.role === other.role &&
  one.readingLanguage === other.readingLanguage;
