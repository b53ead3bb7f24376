import { z } from "zod";
import type { Sql } from "./sql.ts";

export interface NewInvite {
  readonly code: string;
  readonly conversationId: string;
  readonly createdBy: string;
  readonly now: Date;
  readonly expiresAt: Date;
  /** Undefined: as often as people like. */
  readonly maxUses?: number | undefined;
}

/** An invite as those see it who look after it. */
export interface Invite {
  readonly code: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** People who joined by it. */
  readonly uses: number;
  readonly maxUses: number | undefined;
}

/** Where an invite leads, for who has its code. */
export interface InviteTarget {
  readonly conversationId: string;
  readonly title: string;
  /** Display name. */
  readonly invitedBy: string;
  readonly memberCount: number;
  /** Nobody else can join by it. */
  readonly isSpent: boolean;
}

export interface Invites {
  create(invite: NewInvite): Promise<void>;
  /** Undefined when the code is unknown, expired or revoked, or who made it has left. */
  find(code: string, now: Date): Promise<InviteTarget | undefined>;
  /** Those that people can join by, the newest first; `createdBy`: only those that this user made. */
  list(conversationId: string, now: Date, createdBy?: string): Promise<Invite[]>;
  /** Undefined when the conversation has no such invite, or it was revoked. */
  findIn(conversationId: string, code: string): Promise<Pick<Invite, "createdBy"> | undefined>;
  revoke(code: string, now: Date): Promise<void>;
}

const targetRow = z.object({
  conversationId: z.string(),
  title: z.string(),
  invitedBy: z.string(),
  memberCount: z.int(),
  isSpent: z.boolean(),
});
const inviteRow = z.object({
  code: z.string(),
  createdBy: z.string(),
  createdAt: z.date(),
  expiresAt: z.date(),
  uses: z.int(),
  maxUses: z
    .int()
    .nullable()
    .transform((uses) => uses ?? undefined),
});
const makerRow = z.object({ createdBy: z.string() });

export function openInvites(sql: Sql): Invites {
  /** Of invites that stand and whose maker is still a member. */
  const standing = (now: Date) => sql`
    from invites i
    join conversations c on c.id = i.conversation_id
    join users u on u.id = i.created_by
    join members m on m.conversation_id = i.conversation_id and m.user_id = i.created_by and m.left_at is null
    where i.expires_at > ${now} and i.revoked_at is null`;
  return {
    async create({ code, conversationId, createdBy, now, expiresAt, maxUses = null }) {
      await sql`
        insert into invites (code, conversation_id, created_by, created_at, expires_at, max_uses)
        values (${code}, ${conversationId}, ${createdBy}, ${now}, ${expiresAt}, ${maxUses})`;
    },

    async find(code, now) {
      const rows = await sql`
        select c.id as "conversationId", c.title, u.display_name as "invitedBy",
          (select count(*)::int from members where conversation_id = c.id and left_at is null) as "memberCount",
          coalesce(i.uses >= i.max_uses, false) as "isSpent"
        ${standing(now)} and i.code = ${code}`;
      return z.array(targetRow).parse(rows)[0];
    },

    async list(conversationId, now, createdBy) {
      const maker = createdBy ?? null;
      const rows = await sql`
        select i.code, i.created_by as "createdBy", i.created_at as "createdAt", i.expires_at as "expiresAt", i.uses,
          i.max_uses as "maxUses"
        ${standing(now)} and i.conversation_id = ${conversationId} and (i.max_uses is null or i.uses < i.max_uses)
          and (${maker}::uuid is null or i.created_by = ${maker})
        order by i.created_at desc, i.code`;
      return z.array(inviteRow).parse(rows);
    },

    async findIn(conversationId, code) {
      const rows = await sql`
        select created_by as "createdBy" from invites
        where conversation_id = ${conversationId} and code = ${code} and revoked_at is null`;
      return z.array(makerRow).parse(rows)[0];
    },

    async revoke(code, now) {
      await sql`update invites set revoked_at = ${now} where code = ${code} and revoked_at is null`;
    },
  };
}
