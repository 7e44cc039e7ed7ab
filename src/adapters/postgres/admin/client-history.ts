/** What one client took, its breaches, and the gaps of metering, in a range of time. */

import { and, asc, eq, gt, lt, ne } from 'drizzle-orm';
import type { ClientHistory } from '../../../admin/client-port.ts';
import { deliveriesOf } from '../billing/account.ts';
import { breachOf } from '../billing/rows.ts';
import type { LedgerDb } from '../connection/db.ts';
import { breaches, gaps } from '../schema.ts';
import { gapOf } from './billing-holds.ts';

export function clientHistory(db: LedgerDb): ClientHistory {
  return {
    served: (clientId, fromMs, toMs) => deliveriesOf(db, clientId, fromMs, toMs),

    async breachesIn(clientId, fromMs, toMs) {
      const rows = await db
        .select()
        .from(breaches)
        .where(
          and(
            eq(breaches.clientId, clientId),
            lt(breaches.fromAt, new Date(toMs)),
            gt(breaches.toAt, new Date(fromMs)),
            ne(breaches.state, 'void'),
          ),
        )
        .orderBy(asc(breaches.fromAt));
      return rows.map(breachOf);
    },

    async gapsIn(fromMs, toMs) {
      const rows = await db
        .select()
        .from(gaps)
        .where(and(lt(gaps.fromAt, new Date(toMs)), gt(gaps.toAt, new Date(fromMs))))
        .orderBy(asc(gaps.fromAt));
      return rows.map(gapOf);
    },
  };
}
