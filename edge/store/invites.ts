import { z } from "zod";
import type { Sql } from "./sql.ts";

export interface NewInvite {
  readonly code: string;
  readonly conversationId: string;
  readonly createdBy: string;
  readonly now: Date;
  readonly expiresAt: Date;
}

/** Where an invite leads, for who has its code. */
export interface Invite {
  readonly conversationId: string;
  readonly title: string;
  /** Display name. */
  readonly invitedBy: string;
  readonly memberCount: number;
}

export interface Invites {
  create(invite: NewInvite): Promise<void>;
  /** Undefined when the code is unknown, expired or revoked, or who made it has left. */
  find(code: string, now: Date): Promise<Invite | undefined>;
  countUse(code: string): Promise<void>;
}

const inviteRow = z.object({
  conversationId: z.string(),
  title: z.string(),
  invitedBy: z.string(),
  memberCount: z.int(),
});

export function openInvites(sql: Sql): Invites {
  return {
    async create({ code, conversationId, createdBy, now, expiresAt }) {
      await sql`
        insert into invites (code, conversation_id, created_by, created_at, expires_at)
        values (${code}, ${conversationId}, ${createdBy}, ${now}, ${expiresAt})`;
    },

    async find(code, now) {
      const rows = await sql`
        select c.id as "conversationId", c.title, u.display_name as "invitedBy",
          (select count(*)::int from members where conversation_id = c.id and left_at is null) as "memberCount"
        from invites i
        join conversations c on c.id = i.conversation_id
        join users u on u.id = i.created_by
        join members m on m.conversation_id = i.conversation_id and m.user_id = i.created_by and m.left_at is null
        where i.code = ${code} and i.expires_at > ${now} and i.revoked_at is null`;
      return z.array(inviteRow).parse(rows)[0];
    },

    async countUse(code) {
      await sql`update invites set uses = uses + 1 where code = ${code}`;
    },
  };
}
