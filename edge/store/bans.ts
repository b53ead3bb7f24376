import { z } from "zod";
import type { Sql } from "./sql.ts";

export interface NewBan {
  readonly conversationId: string;
  readonly userId: string;
  readonly bannedBy: string;
  /** Empty: none was given. */
  readonly reason: string;
  readonly now: Date;
}

/** Somebody who may not come back into a conversation. */
export interface Ban {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  /** Id of who banned them. */
  readonly bannedBy: string;
  readonly reason: string;
  readonly createdAt: Date;
}

export interface Bans {
  /** Removes the member and keeps them out. A ban that stands already stays as it is. */
  add(ban: NewBan): Promise<void>;
  find(conversationId: string, userId: string): Promise<Ban | undefined>;
  /** The newest first. */
  list(conversationId: string): Promise<Ban[]>;
  /** False when they were not banned. */
  lift(conversationId: string, userId: string): Promise<boolean>;
}

const bans = z.array(
  z.object({
    userId: z.string(),
    username: z.string(),
    displayName: z.string(),
    bannedBy: z.string(),
    reason: z.string(),
    createdAt: z.date(),
  }),
);

export function openBans(sql: Sql): Bans {
  const select = sql`
    select u.id as "userId", u.username, u.display_name as "displayName", b.banned_by as "bannedBy", b.reason,
      b.created_at as "createdAt"
    from bans b join users u on u.id = b.user_id`;
  return {
    async add({ conversationId, userId, bannedBy, reason, now }) {
      await sql.transaction([
        // Nobody joins between the two statements: joining waits for this lock as well.
        sql`select from conversations where id = ${conversationId} for update`,
        sql`
          insert into bans (conversation_id, user_id, banned_by, reason, created_at)
          values (${conversationId}, ${userId}, ${bannedBy}, ${reason}, ${now})
          on conflict do nothing`,
        sql`
          update members set left_at = ${now}
          where conversation_id = ${conversationId} and user_id = ${userId} and left_at is null`,
      ]);
    },

    async find(conversationId, userId) {
      return bans.parse(await sql`${select} where b.conversation_id = ${conversationId} and b.user_id = ${userId}`)[0];
    },

    async list(conversationId) {
      return bans.parse(
        await sql`${select} where b.conversation_id = ${conversationId} order by b.created_at desc, u.id`,
      );
    },

    async lift(conversationId, userId) {
      const rows = await sql`
        delete from bans where conversation_id = ${conversationId} and user_id = ${userId} returning user_id`;
      return rows.length > 0;
    },
  };
}
