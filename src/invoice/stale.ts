/**
 * Whether the inputs of a draft have changed since it was computed. If so, it must be recomputed before it is
 * issued.
 */

import { nextMonth } from '../tariff/licence.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { timelineOf } from '../tariff/timeline.ts';
import type { Breach, Invoice } from './model.ts';
import { recomputeFrom } from './recompute-from.ts';

/**
 * `dirtyFromMs` is the earliest bucket that changed since the last billing, null if none did. `tariffs` are the
 * versions that billing reads.
 */
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
  return breach !== null && breach.stretchToMs >= recomputeFrom(dirtyFromMs, periods, bucketSeconds);
}

/** The refusal to issue a stale draft. */
export const STALE = {
  kind: 'not_closed',
  reason: 'usage or a tariff in its period changed since it was computed',
  hint: 'wait for the next billing run, which recomputes it, and approve it again if it changed',
} as const;
