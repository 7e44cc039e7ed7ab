/** Breaches as the administration reads them. Billing writes them. */

import { and, desc, eq, lt, ne } from 'drizzle-orm';
import type { BreachQueries } from '../../../admin/port.ts';
import { breachOf } from '../billing/rows.ts';
import type { LedgerDb } from '../connection/db.ts';
import { breaches } from '../schema.ts';
import { pageOf, rowsAsked } from './page.ts';

export function breachQueries(db: LedgerDb): BreachQueries {
  return {
    async breaches(filter, page) {
      const rows = await db
        .select()
        .from(breaches)
        .where(
          and(
            filter.clientId === undefined ? undefined : eq(breaches.clientId, filter.clientId),
            filter.state === undefined ? ne(breaches.state, 'void') : eq(breaches.state, filter.state),
            page.after === null ? undefined : lt(breaches.id, page.after),
          ),
        )
        .orderBy(desc(breaches.id))
        .limit(rowsAsked(page));
      return pageOf(rows, page, breachOf, (row) => row.id);
    },

    async breach(id) {
      const [row] = await db.select().from(breaches).where(eq(breaches.id, id));
      return row === undefined ? null : breachOf(row);
    },
  };
}
