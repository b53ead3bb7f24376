import { z } from "zod";
import type { Person, Role } from "../conversation/contract.ts";
import type { Sql } from "./sql.ts";

export interface Member extends Person {
  readonly username: string;
}

/** A member together with the conversation they are in. */
export interface Membership extends Member {
  readonly conversationId: string;
  readonly title: string;
  /** Whether the conversation is translated. */
  readonly translates: boolean;
}

/** What can be changed of a conversation; absent: it stays as it is. */
export interface ConversationChanges {
  readonly title?: string | undefined;
  readonly translates?: boolean | undefined;
}

/** A conversation as one of its members sees it. */
export interface Conversation {
  readonly id: string;
  readonly title: string;
  /** False: its owner or an admin has turned translation off. */
  readonly translates: boolean;
  /** The reader's own role. */
  readonly role: Role;
  /** In the order in which they joined. */
  readonly members: readonly Member[];
  readonly createdAt: Date;
  /** Of the last message, or of the creation. */
  readonly activeAt: Date;
  /** The newest that was not deleted, as far as the room's log has been written to the store. */
  readonly lastMessage?: { readonly text: string; readonly authorId: string; readonly createdAt: Date } | undefined;
  /** That the reader has muted it; `until` undefined: for good. One that is over mutes nothing. */
  readonly mute?: { readonly until: Date | undefined } | undefined;
}

export interface NewConversation {
  readonly id: string;
  readonly title: string;
  readonly ownerId: string;
  /** The others, without the owner. */
  readonly memberIds: readonly string[];
  readonly now: Date;
}

/** Somebody who is to become a member. */
export interface Joining {
  readonly conversationId: string;
  readonly userId: string;
  readonly role: Role;
  readonly now: Date;
  /** Members that the conversation may have. */
  readonly maxMembers: number;
  /** Code of the invite that they come by; undefined: somebody adds them. */
  readonly invite?: string | undefined;
}

/** "spent": the invite has been used as often as it may be, or is no longer valid. */
export type JoinOutcome = "joined" | "full" | "banned" | "spent";

/** Where a page of conversations ends. */
export interface ConversationCursor {
  readonly activeAt: Date;
  readonly id: string;
}

export interface Conversations {
  create(conversation: NewConversation): Promise<void>;
  /** Undefined when there is no such conversation, or the user is no member of it. */
  find(id: string, userId: string): Promise<Conversation | undefined>;
  /** The user's conversations, the most recently active first, after the cursor. */
  list(userId: string, after: ConversationCursor | undefined, limit: number): Promise<Conversation[]>;
  /** Everybody who is in the conversation now, in the order in which they joined. */
  members(id: string): Promise<Member[]>;
  /** The user as a member of the conversation; undefined for strangers and those who left. */
  membership(id: string, userId: string): Promise<Membership | undefined>;
  /** Ids of up to `limit` people who share a conversation with the user, those of the most recently active ones first. */
  contacts(userId: string, limit: number): Promise<string[]>;
  change(id: string, changes: ConversationChanges): Promise<void>;
  /** Makes somebody a member, and counts the use of their invite. A member stays what they are, and uses up nothing. */
  addMember(joining: Joining): Promise<JoinOutcome>;
  /** Gives a member another role; false when they are no member of the role `from`. */
  changeRole(id: string, userId: string, roles: { readonly from: Role; readonly to: Role }): Promise<boolean>;
  /** When an owner leaves, the longest-standing admin takes over, else member. False when the user was no member. */
  removeMember(id: string, userId: string, now: Date): Promise<boolean>;
}

const role = z.enum(["owner", "admin", "member", "guest"]);
const member = z.object({
  userId: z.string(),
  username: z.string(),
  displayName: z.string(),
  readingLanguage: z.string(),
  role,
});
const conversationRow = z
  .object({
    id: z.string(),
    title: z.string(),
    translates: z.boolean(),
    role,
    members: z.array(member),
    created_at: z.date(),
    active_at: z.date(),
    last_text: z.string().nullable(),
    last_author_id: z.string().nullable(),
    last_created_at: z.date().nullable(),
    is_muted: z.boolean(),
    muted_until: z.date().nullable(),
  })
  .transform(
    ({
      created_at,
      active_at,
      last_text,
      last_author_id,
      last_created_at,
      is_muted,
      muted_until,
      ...rest
    }): Conversation => ({
      ...rest,
      createdAt: created_at,
      activeAt: active_at,
      lastMessage:
        last_text !== null && last_author_id !== null && last_created_at !== null
          ? { text: last_text, authorId: last_author_id, createdAt: last_created_at }
          : undefined,
      mute: is_muted ? { until: muted_until ?? undefined } : undefined,
    }),
  );
const joinOutcome = z.enum(["joined", "full", "banned", "spent"]);
const membershipRow = member.extend({ conversationId: z.string(), title: z.string(), translates: z.boolean() });

export function openConversations(sql: Sql): Conversations {
  const memberColumns = sql`
    u.id as "userId", u.username, u.display_name as "displayName", u.reading_language as "readingLanguage", m.role`;
  const conversations = sql`
    select c.id, c.title, c.translates, mine.role, c.created_at, c.active_at, everyone.members,
      latest.text as last_text, latest.author_id as last_author_id, latest.created_at as last_created_at,
      mute.user_id is not null as is_muted, mute.until as muted_until
    from members mine
    join conversations c on c.id = mine.conversation_id
    cross join lateral (
      select json_agg(
        json_build_object('userId', u.id, 'username', u.username, 'displayName', u.display_name,
          'readingLanguage', u.reading_language, 'role', m.role)
        order by m.joined_at, u.id
      ) as members
      from members m join users u on u.id = m.user_id
      where m.conversation_id = c.id and m.left_at is null
    ) everyone
    left join lateral (
      select text, author_id, created_at from messages
      where conversation_id = c.id and deleted_at is null
      order by created_at desc, log_offset desc limit 1
    ) latest on true
    left join mutes mute on mute.conversation_id = c.id and mute.user_id = mine.user_id`;

  return {
    async create({ id, title, ownerId, memberIds, now }) {
      await sql`
        with created as (
          insert into conversations (id, title, created_by, created_at, active_at)
          values (${id}, ${title}, ${ownerId}, ${now}, ${now})
          returning id, created_by, created_at
        )
        insert into members (conversation_id, user_id, role, joined_at)
        select id, created_by, 'owner', created_at from created
        union all
        select id, member_id, 'member', created_at from created, unnest(${memberIds}::uuid[]) as member_id`;
    },

    async find(id, userId) {
      const rows = await sql`
        ${conversations} where mine.user_id = ${userId} and mine.left_at is null and c.id = ${id}`;
      return z.array(conversationRow).parse(rows)[0];
    },

    async list(userId, after, limit) {
      const beyond = after === undefined ? sql`true` : sql`(c.active_at, c.id) < (${after.activeAt}, ${after.id})`;
      const rows = await sql`
        ${conversations} where mine.user_id = ${userId} and mine.left_at is null and ${beyond}
        order by c.active_at desc, c.id desc
        limit ${limit}`;
      return z.array(conversationRow).parse(rows);
    },

    async members(id) {
      const rows = await sql`
        select ${memberColumns} from members m join users u on u.id = m.user_id
        where m.conversation_id = ${id} and m.left_at is null
        order by m.joined_at, u.id`;
      return z.array(member).parse(rows);
    },

    async membership(id, userId) {
      const rows = await sql`
        select c.id as "conversationId", c.title, c.translates, ${memberColumns}
        from members m join users u on u.id = m.user_id join conversations c on c.id = m.conversation_id
        where m.conversation_id = ${id} and m.user_id = ${userId} and m.left_at is null`;
      return z.array(membershipRow).parse(rows)[0];
    },

    async contacts(userId, limit) {
      const rows = await sql`
        select other.user_id as id
        from members mine
        join conversations c on c.id = mine.conversation_id
        join members other on other.conversation_id = c.id and other.left_at is null and other.user_id <> ${userId}
        where mine.user_id = ${userId} and mine.left_at is null
        group by other.user_id
        order by max(c.active_at) desc, other.user_id
        limit ${limit}`;
      return z
        .array(z.object({ id: z.string() }))
        .parse(rows)
        .map(({ id }) => id);
    },

    async change(id, { title = null, translates = null }) {
      await sql`
        update conversations
        set title = coalesce(${title}, title), translates = coalesce(${translates}::boolean, translates)
        where id = ${id}`;
    },

    async addMember({ conversationId: id, userId, role, now, maxMembers, invite = null }) {
      const [, rows] = await sql.transaction([
        // Those who join at once take turns, and none of them passes a ban that is being made.
        sql`select from conversations where id = ${id} for update`,
        sql`
          with present as (
            select user_id from members where conversation_id = ${id} and left_at is null
          ), ban as (
            select from bans where conversation_id = ${id} and user_id = ${userId}
          ), way as (
            select from present where user_id = ${userId}
            union all select where ${invite}::text is null
            union all select from invites where code = ${invite} and conversation_id = ${id} and expires_at > ${now}
              and revoked_at is null and (max_uses is null or uses < max_uses)
          ), room as (
            select from conversations where id = ${id} and not exists (select from ban) and exists (select from way) and (
              (select count(*) from present) < ${maxMembers} or exists (select from present where user_id = ${userId}))
          ), used as (
            update invites set uses = uses + 1
            where code = ${invite} and exists (select from room)
              and not exists (select from present where user_id = ${userId})
          ), joined as (
            insert into members (conversation_id, user_id, role, joined_at, read_offset)
            select ${id}, ${userId}, ${role}, ${now}, (select drained_offset from conversations where id = ${id}) from room
            on conflict (conversation_id, user_id) do update
            set role = excluded.role, joined_at = excluded.joined_at, left_at = null, read_offset = excluded.read_offset
            where members.left_at is not null
          )
          select case when exists (select from room) then 'joined' when exists (select from ban) then 'banned'
            when not exists (select from way) then 'spent' else 'full' end as outcome`,
      ]);
      return z.tuple([z.object({ outcome: joinOutcome })]).parse(rows)[0].outcome;
    },

    async changeRole(id, userId, { from, to }) {
      const rows = await sql`
        update members set role = ${to}
        where conversation_id = ${id} and user_id = ${userId} and role = ${from} and left_at is null
        returning user_id`;
      return rows.length > 0;
    },

    async removeMember(id, userId, now) {
      const rows = await sql`
        with gone as (
          update members set left_at = ${now}
          where conversation_id = ${id} and user_id = ${userId} and left_at is null
          returning role
        ), successor as (
          select user_id from members
          where conversation_id = ${id} and user_id <> ${userId} and left_at is null and role <> 'guest'
          order by role = 'owner' desc, role = 'admin' desc, joined_at, user_id
          limit 1
        ), succeeded as (
          update members set role = 'owner'
          where conversation_id = ${id} and user_id in (select user_id from successor)
            and exists (select from gone where role = 'owner')
        )
        select role from gone`;
      return rows.length > 0;
    },
  };
}
