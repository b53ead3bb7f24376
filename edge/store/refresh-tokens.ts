import { z } from "zod";
import type { Sql } from "./sql.ts";

export interface IssuedToken {
  readonly tokenHash: string;
  /** Shared by all tokens that descend from one sign-in. */
  readonly family: string;
  readonly userId: string;
  readonly now: Date;
  readonly expiresAt: Date;
}

export interface Rotation {
  readonly presentedHash: string;
  /** Hash of the token that takes its place. */
  readonly nextHash: string;
  readonly now: Date;
  readonly expiresAt: Date;
  /** How long a token that was rotated already may be presented again: two tabs refresh at the same moment. */
  readonly graceMs: number;
}

export type RotationOutcome =
  | { readonly outcome: "rotated"; readonly userId: string }
  | { readonly outcome: "unknown" }
  | { readonly outcome: "expired" }
  | { readonly outcome: "revoked" }
  /** Presented long after it was rotated, so somebody else may have it: its family has been revoked. */
  | { readonly outcome: "reused" };

export interface RefreshTokens {
  /** Also forgets the person's expired tokens. */
  issue(token: IssuedToken): Promise<void>;
  rotate(rotation: Rotation): Promise<RotationOutcome>;
  /** Ends the sign-in that the token descends from; an unknown token changes nothing. */
  revoke(tokenHash: string, now: Date): Promise<void>;
}

const outcomes = z.tuple([
  z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("rotated"), user_id: z.string() }),
    z.object({ outcome: z.enum(["unknown", "expired", "revoked", "reused"]) }),
  ]),
]);

export function openRefreshTokens(sql: Sql): RefreshTokens {
  return {
    async issue({ tokenHash, family, userId, now, expiresAt }) {
      await sql`
        with forgotten as (delete from refresh_tokens where user_id = ${userId} and expires_at < ${now}::timestamptz)
        insert into refresh_tokens (token_hash, family, user_id, created_at, expires_at)
        values (${tokenHash}, ${family}, ${userId}, ${now}, ${expiresAt})`;
    },

    // One statement decides and acts, and the row's lock makes two that present the same token take turns. A family is
    // over as soon as any of its tokens is revoked, so that a token issued at that very moment is dead as well.
    async rotate({ presentedHash, nextHash, now, expiresAt, graceMs }) {
      const graceBegan = new Date(now.getTime() - graceMs);
      const rows = await sql`
        with presented as (
          select * from refresh_tokens where token_hash = ${presentedHash} for update
        ), judged as (
          select family, user_id, case
            when exists (select from refresh_tokens kin where kin.family = presented.family and kin.revoked_at is not null)
              then 'revoked'
            when expires_at <= ${now}::timestamptz then 'expired'
            when rotated_at < ${graceBegan}::timestamptz then 'reused'
            else 'rotated'
          end as outcome
          from presented
        ), rotated as (
          update refresh_tokens set rotated_at = coalesce(rotated_at, ${now}::timestamptz)
          where token_hash = ${presentedHash} and exists (select from judged where outcome = 'rotated')
        ), issued as (
          insert into refresh_tokens (token_hash, family, user_id, created_at, expires_at)
          select ${nextHash}, family, user_id, ${now}::timestamptz, ${expiresAt}::timestamptz
          from judged where outcome = 'rotated'
        ), revoked as (
          update refresh_tokens set revoked_at = ${now}::timestamptz
          where family in (select family from judged where outcome = 'reused') and revoked_at is null
        )
        select outcome, user_id from judged`;
      const [result] = outcomes.parse(rows.length > 0 ? rows : [{ outcome: "unknown" }]);
      return result.outcome === "rotated" ? { outcome: "rotated", userId: result.user_id } : result;
    },

    async revoke(tokenHash, now) {
      await sql`
        update refresh_tokens set revoked_at = ${now}::timestamptz
        where family = (select family from refresh_tokens where token_hash = ${tokenHash}) and revoked_at is null`;
    },
  };
}
