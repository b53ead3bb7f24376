import { z } from "zod";
import type { Sql } from "./sql.ts";

export interface User {
  readonly id: string;
  /** As its owner writes it; unique whatever the case. */
  readonly username: string;
  readonly displayName: string;
  /** BCP 47 code. */
  readonly readingLanguage: string;
  /** Other languages that this person reads as they are written. */
  readonly alsoReads: readonly string[];
  /** Came by an invite and has no account of their own. */
  readonly isGuest: boolean;
  readonly createdAt: Date;
}

/** A user with what proves that it is them; goes no further than edge/auth. */
export interface Account extends User {
  /** Undefined: a guest, who cannot sign in with a password. */
  readonly passwordHash: string | undefined;
}

export interface Profile {
  readonly displayName?: string | undefined;
  readonly readingLanguage?: string | undefined;
  readonly alsoReads?: readonly string[] | undefined;
}

export interface Users {
  /** False, and nothing stored, when the username is taken. */
  create(account: Account): Promise<boolean>;
  find(id: string): Promise<User | undefined>;
  findAccount(username: string): Promise<Account | undefined>;
  /** Forgets a guest who is in no conversation. */
  removeGuest(id: string): Promise<void>;
  /** Those of the usernames that exist, in no particular order, without guests. */
  findByUsernames(usernames: readonly string[]): Promise<User[]>;
  /** Users, guests aside, by the beginning of their username, in its order; `after`: only those beyond this username. */
  search(prefix: string, after: string | undefined, limit: number): Promise<User[]>;
  /** Changes what the profile names; undefined when there is no such user. */
  update(id: string, profile: Profile): Promise<User | undefined>;
}

const userRow = z
  .object({
    id: z.string(),
    username: z.string(),
    display_name: z.string(),
    reading_language: z.string(),
    also_reads: z.array(z.string()),
    is_guest: z.boolean(),
    created_at: z.date(),
  })
  .transform(
    (row): User => ({
      id: row.id,
      username: row.username,
      displayName: row.display_name,
      readingLanguage: row.reading_language,
      alsoReads: row.also_reads,
      isGuest: row.is_guest,
      createdAt: row.created_at,
    }),
  );
const users = z.array(userRow);
const passwordRow = z.object({ password_hash: z.string().nullable() });

export function openUsers(sql: Sql): Users {
  const columns = sql`id, username, display_name, reading_language, also_reads, is_guest, created_at`;
  return {
    async create({ id, username, displayName, passwordHash, readingLanguage, alsoReads, isGuest, createdAt }) {
      const rows = await sql`
        insert into users (id, username, display_name, password_hash, reading_language, also_reads, is_guest, created_at)
        values (${id}, ${username}, ${displayName}, ${passwordHash ?? null}, ${readingLanguage}, ${alsoReads}, ${isGuest},
          ${createdAt})
        on conflict (lower(username) collate "C") do nothing
        returning id`;
      return rows.length > 0;
    },

    async find(id) {
      return users.parse(await sql`select ${columns} from users where id = ${id}`)[0];
    },

    async findAccount(username) {
      const [row] = await sql`
        select ${columns}, password_hash from users where lower(username) collate "C" = lower(${username})`;
      if (row === undefined) return undefined;
      return { ...userRow.parse(row), passwordHash: passwordRow.parse(row).password_hash ?? undefined };
    },

    async removeGuest(id) {
      await sql`
        delete from users
        where id = ${id} and is_guest and not exists (select from members where user_id = ${id})`;
    },

    async findByUsernames(usernames) {
      const wanted = usernames.map((username) => username.toLowerCase());
      return users.parse(
        await sql`select ${columns} from users where lower(username) collate "C" = any(${wanted}::text[]) and not is_guest`,
      );
    },

    async search(prefix, after, limit) {
      const pattern = `${prefix.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`;
      return users.parse(
        await sql`
        select ${columns} from users
        where lower(username) collate "C" like ${pattern} and lower(username) collate "C" > lower(${after ?? ""})
          and not is_guest
        order by lower(username) collate "C"
        limit ${limit}`,
      );
    },

    async update(id, { displayName = null, readingLanguage = null, alsoReads = null }) {
      return users.parse(
        await sql`
        update users
        set display_name = coalesce(${displayName}, display_name),
          reading_language = coalesce(${readingLanguage}, reading_language),
          also_reads = coalesce(${alsoReads}::text[], also_reads)
        where id = ${id}
        returning ${columns}`,
      )[0];
    },
  };
}
