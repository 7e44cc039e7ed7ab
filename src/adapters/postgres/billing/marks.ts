/** Marks what billing must recompute. A mark only moves back in time; a billing run clears it. */

import { sql } from 'drizzle-orm';
import type { LedgerDb } from '../connection/db.ts';

/**
 * Marks, from `fromMs` on, the clients affected by a changed tariff: the one client, or for the default tariff
 * (`clientId` null) all clients with usage since or a breach that reaches that time. Address ranges are never
 * billed and not marked. The whole calendar month counts, because the included posts of a licence are those of a
 * month. Runs in the transaction that changes the tariff.
 */
export async function markTariffChanged(
  tx: LedgerDb,
  clientId: string | null,
  fromMs: number,
): Promise<void> {
  const from = sql`${new Date(fromMs).toISOString()}::timestamptz`;
  const concerned =
    clientId === null
      ? sql`
        select distinct client_id from usage
        where bucket_at >= date_trunc('month', ${from} at time zone 'UTC') at time zone 'UTC'
        union select distinct client_id from breaches where stretch_to >= ${from}`
      : sql`select ${clientId}::text as client_id`;
  // Ordered by key, as in every statement, so that writers wait for each other instead of deadlocking.
  await tx.execute(sql`
    insert into billing_due (client_id, dirty_from)
    select client_id, ${from} from (${concerned}) as concerned
    where client_id not like 'net:%' order by client_id
    on conflict (client_id) do update set dirty_from = least(billing_due.dirty_from, excluded.dirty_from)`);
}
