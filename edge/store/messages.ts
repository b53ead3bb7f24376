import { z } from "zod";
import type { Archive } from "../conversation/archive.ts";
import type { LogBatch, ReadPosition, Revision } from "../conversation/contract.ts";
import { openArchive } from "./archive.ts";
import { logStatements } from "./log-writes.ts";
import type { Sql } from "./sql.ts";

export interface Messages extends Omit<Archive, "members"> {
  /**
   * Writes a run of a room's log, all or nothing. Writing it again, in part or after what follows it, changes nothing:
   * a newer revision stays, a deleted message stays deleted, the drained offset never goes back. Rejects what comes from a
   * log whose place another one took.
   */
  append(batch: LogBatch): Promise<void>;
  /** Every recorded revision of a message of the conversation, oldest first; none when it was deleted. */
  revisions(conversationId: string, messageId: string): Promise<Revision[]>;
}

export function openMessages(sql: Sql): Messages {
  return {
    ...openArchive(sql),

    async append({ conversationId, epoch, writes, reads = [] }) {
      const offset = writes.at(-1)?.offset ?? 0;
      if (offset === 0 && reads.length === 0) return;
      await sql.transaction([
        turnOf(sql, conversationId, epoch),
        ...(writes.length > 0 ? logStatements(sql, { conversationId, epoch, writes }) : []),
        ...(reads.length > 0 ? [advanceReads(sql, conversationId, reads)] : []),
        sql`
          update conversations set
            drained_offset = greatest(drained_offset, ${offset}),
            epoch = ${epoch},
            active_at = greatest(active_at, to_timestamp(${newestMessageAt(writes)}::float8 / 1000.0))
          where id = ${conversationId}`,
      ]);
    },

    async revisions(conversationId, messageId) {
      const rows = await sql`
        with message as (
          select id, revision, text, language, created_at from messages
          where id = ${messageId} and conversation_id = ${conversationId} and deleted_at is null
        )
        select r.revision, r.text, r.language, r.created_at as "createdAt"
        from message_revisions r join message m on m.id = r.message_id
        union all
        select revision, text, language, created_at from message
        where not exists (select from message_revisions r join message m on m.id = r.message_id)
        order by revision`;
      return z.array(revisionRow).parse(rows);
    },
  };
}

/**
 * Two runs of the same conversation take turns. One of a log that was lost and replaced, which a request still under way may
 * bring, ends the transaction: a text that is no boolean is the one failure that plain SQL can choose.
 */
const turnOf = (sql: Sql, conversationId: string, epoch: string) => sql`
  select case when epoch is null or epoch = ${epoch} then true else ('This log was replaced by ' || epoch)::boolean end
  from conversations where id = ${conversationId} for update`;

/** Nobody goes back. */
const advanceReads = (sql: Sql, conversationId: string, reads: readonly ReadPosition[]) => sql`
  update members m set read_offset = w."offset"
  from json_to_recordset(${JSON.stringify(reads)}) as w ("userId" uuid, "offset" bigint)
  where m.conversation_id = ${conversationId} and m.user_id = w."userId" and m.left_at is null
    and coalesce(m.read_offset, 0) < w."offset"`;

/** Milliseconds since the epoch; null: there is no new message. */
function newestMessageAt(writes: LogBatch["writes"]): number | null {
  const times = writes.flatMap((write) => (write.kind === "message" ? [write.createdAt] : []));
  return times.length === 0 ? null : Math.max(...times);
}

const revisionRow = z.object({
  revision: z.int(),
  text: z.string(),
  language: z.string(),
  createdAt: z.date().transform((date) => date.getTime()),
});
