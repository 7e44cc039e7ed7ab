/** Looks after issued claims once an hour: reminds of those that are overdue. */

import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { remindOverdue } from '../../adapters/postgres/receivable/dunnings.ts';
import type { AdminLog } from '../../admin/port.ts';

const HOUR_MS = 3_600_000;

/** The returned function never rejects. After a failure, the next billing run retries. */
export function claimWatch(db: LedgerDb, log: AdminLog) {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return async (nowMs: number): Promise<void> => {
    if (nowMs - lookedAtMs < HOUR_MS) return;
    try {
      const reminders = await remindOverdue(db, nowMs);
      if (reminders > 0) log.info({ reminders }, 'overdue invoices reached a level of dunning');
      lookedAtMs = nowMs;
    } catch (error) {
      log.error({ err: error }, 'overdue invoices could not be reminded; the next billing run retries');
    }
  };
}
