/** The totals by which lists of clients are sorted: a cache that is rewritten as a whole from usage. */

import { sql } from 'drizzle-orm';
import type { ClientTotal, TotalsSource } from '../../../report/client-totals.ts';
import { tariffStore } from '../admin/tariffs.ts';
import { usageView } from '../admin/usage.ts';
import type { LedgerDb } from '../connection/db.ts';

export interface TotalsLedger extends TotalsSource {
  /** Makes `totals` the content of the cache. Rows that stay the same are not written. */
  replace(totals: readonly ClientTotal[], asOfMs: number): Promise<void>;
}

export function postgresTotalsLedger(db: LedgerDb): TotalsLedger {
  return {
    allTariffVersions: tariffStore(db).allTariffVersions,
    postsByClient: usageView(db).postsByClient,
    async replace(totals, asOfMs) {
      const rows = totals.map(({ clientId, total, share }) => ({
        client_id: clientId,
        total,
        share: share ?? -1,
      }));
      await db.execute(sql`
        with fresh as materialized (
          select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
            as t(client_id text, total bigint, share double precision)
        ), gone as (
          delete from client_totals old where not exists (select from fresh where fresh.client_id = old.client_id)
        )
        insert into client_totals as old (client_id, total, share, as_of)
        select client_id, total, share, ${new Date(asOfMs).toISOString()}::timestamptz from fresh order by client_id
        on conflict (client_id) do update
          set total = excluded.total, share = excluded.share, as_of = excluded.as_of
          where (old.total, old.share) is distinct from (excluded.total, excluded.share)`);
    },
  };
}
