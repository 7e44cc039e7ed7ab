/** Active tokens with the time when each was last seen, by which the rule of two people finds a second person. */

import { sql } from 'drizzle-orm';
import { type KnownToken, SECOND_PERSON_DAYS } from '../../../proposal/second-person.ts';
import { type LedgerDb, rowsOf } from '../connection/db.ts';

/**
 * The ledger sees the use of a token in its sessions of the console and in its changes. Reading the API with a token
 * leaves no trace.
 */
export async function knownTokens(db: LedgerDb, nowMs: number): Promise<readonly KnownToken[]> {
  const since = new Date(nowMs - SECOND_PERSON_DAYS * 86_400_000).toISOString();
  const rows = await rowsOf(
    db,
    sql`with named as (
        select *, concat(name, ' (token ', id, ')') as actor from tokens where revoked_at is null
      ), seen as (
        select token_id, max(seen_at) as at from sessions where token_id is not null group by token_id
      ), changed as (
        select actor, max(at) as at from audit where at >= ${since}::timestamptz group by actor
      )
      select named.id, named.actor, named.roles, named.created_by as "createdBy",
        extract(epoch from named.created_at) * 1000 as "createdAtMs",
        extract(epoch from greatest(named.created_at, seen.at, changed.at)) * 1000 as "seenAtMs"
      from named left join seen on seen.token_id = named.id left join changed on changed.actor = named.actor`,
  );
  return rows.map((row) => ({
    ...(row as unknown as KnownToken),
    createdAtMs: Number(row.createdAtMs),
    seenAtMs: Number(row.seenAtMs),
  }));
}
