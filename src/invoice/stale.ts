/** Whether something that a draft rests on has changed since it was computed: it must be computed anew before it is issued. */

import { nextMonth } from '../tariff/licence.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { timelineOf } from '../tariff/timeline.ts';
import type { Breach, Invoice } from './model.ts';
import { firstRestart } from './restart.ts';

/** `dirtyFromMs`: the earliest bucket that changed since the last billing; null: none did. `tariffs` as billing reads them. */
export function isStale(
  invoice: Invoice,
  breach: Breach | null,
  dirtyFromMs: number | null,
  tariffs: readonly TariffVersion[],
  bucketSeconds: number,
): boolean {
  if (dirtyFromMs === null) return false;
  if (invoice.monthMs !== null && dirtyFromMs < nextMonth(invoice.monthMs)) return true;
  const periods = timelineOf(invoice.clientId, tariffs, bucketSeconds);
  return breach !== null && breach.stretchToMs >= firstRestart(dirtyFromMs, periods, bucketSeconds);
}

/** Said instead of issuing. */
export const STALE = {
  kind: 'not_closed',
  reason: 'usage or a tariff of its time changed since it was computed',
  mend: 'wait for the next billing run, which computes it anew, and approve it again where it changed',
} as const;
