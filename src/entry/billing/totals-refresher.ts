/** Rewrites the totals by which lists of clients are sorted, at most once a minute. */

import { postgresTotalsLedger } from '../../adapters/postgres/clients/totals.ts';
import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import type { AdminLog } from '../../admin/port.ts';
import { currentTotals } from '../../report/client-totals.ts';

const MINUTE_MS = 60_000;

/** The returned function never rejects. A failure leaves the order of lists as it is, and the next minute retries. */
export function totalsRefresher(db: LedgerDb, bucketSeconds: number, log: AdminLog) {
  const ledger = postgresTotalsLedger(db);
  let minute = Number.NaN;
  return async (nowMs: number): Promise<void> => {
    const current = Math.floor(nowMs / MINUTE_MS);
    if (current === minute) return;
    minute = current;
    try {
      await ledger.replace(await currentTotals(ledger, bucketSeconds, nowMs), nowMs);
    } catch (error) {
      log.warn(
        { err: error },
        'the order of lists of clients could not be refreshed; the next minute retries',
      );
    }
  };
}
