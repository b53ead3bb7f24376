import type { Sql } from "./sql.ts";

export interface Mutes {
  /** Mutes a conversation for one of its members; `until` undefined: for good. Takes the place of an earlier mute. */
  set(conversationId: string, userId: string, until: Date | undefined): Promise<void>;
  clear(conversationId: string, userId: string): Promise<void>;
}

export function openMutes(sql: Sql): Mutes {
  return {
    async set(conversationId, userId, until) {
      await sql`
        insert into mutes (conversation_id, user_id, until) values (${conversationId}, ${userId}, ${until ?? null})
        on conflict (conversation_id, user_id) do update set until = excluded.until`;
    },

    async clear(conversationId, userId) {
      await sql`delete from mutes where conversation_id = ${conversationId} and user_id = ${userId}`;
    },
  };
}
