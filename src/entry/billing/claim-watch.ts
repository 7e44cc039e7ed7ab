/** Looks after claims once an hour: reminds of those that are overdue, and reports those that expire. */

import type { LedgerDb } from '../../adapters/postgres/connection/db.ts';
import { remindOverdue } from '../../adapters/postgres/receivable/dunnings.ts';
import { watchExpiringClaims } from '../../adapters/postgres/receivable/expiring-claims.ts';
import type { AdminLog } from '../../admin/port.ts';

const HOUR_MS = 3_600_000;

/** The returned function never rejects. After a failure, the next billing run retries. */
export function claimWatch(db: LedgerDb, log: AdminLog) {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return async (nowMs: number): Promise<void> => {
    if (nowMs - lookedAtMs < HOUR_MS) return;
    try {
      const reminders = await remindOverdue(db, nowMs);
      await watchExpiringClaims(db, nowMs);
      if (reminders > 0) log.info({ reminders }, 'overdue invoices reached a level of dunning');
      lookedAtMs = nowMs;
    } catch (error) {
      log.error({ err: error }, 'claims could not be looked after; the next billing run retries');
    }
  };
}
