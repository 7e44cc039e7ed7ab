/** When a breach or a licence month closes. Its amount is final from then on, unless usage or a tariff changes. */

import { closesAtMs } from '../tariff/breach.ts';
import { nextMonth } from '../tariff/licence.ts';
import type { TariffVersion } from '../tariff/tariff.ts';
import { segmentsOf, timelineOf } from '../tariff/timeline.ts';
import type { Breach, Invoice } from './model.ts';
import type { BillingRules } from './port.ts';

type ClosingRules = Pick<BillingRules, 'bucketSeconds' | 'latenessMs'>;

/** What determines when a breach closes. Times are epoch milliseconds UTC. */
export type BreachSpan = Pick<Breach, 'state' | 'stretchFromMs' | 'stretchToMs'>;

/**
 * End of the stretch plus one window and the allowance for late usage. An open breach that continues closes later.
 * Returns null for a void breach, or if no damages tariff applies at its start any more.
 */
export function breachClosesAtMs(
  clientId: string,
  breach: BreachSpan,
  versions: readonly TariffVersion[],
  { bucketSeconds, latenessMs }: ClosingRules,
): number | null {
  if (breach.state === 'void') return null;
  const segment = segmentsOf(timelineOf(clientId, versions, bucketSeconds), bucketSeconds).find(
    ({ fromMs, toMs }) => fromMs <= breach.stretchFromMs && breach.stretchFromMs < toMs,
  );
  if (segment === undefined) return null;
  return closesAtMs({ stretchToMs: breach.stretchToMs, windowMs: segment.windowMs }, latenessMs);
}

/** End of the calendar month that begins at `monthMs`, plus the allowance for late usage. */
export function monthClosesAtMs(monthMs: number, latenessMs: number): number {
  return nextMonth(monthMs) + latenessMs;
}

/**
 * Returns when a draft closes, approved or not; null for every other invoice. `breach` is the invoice's, null for a
 * licence.
 */
export function draftClosesAtMs(
  { clientId, status, monthMs }: Pick<Invoice, 'clientId' | 'status' | 'monthMs'>,
  breach: BreachSpan | null,
  versions: readonly TariffVersion[],
  rules: ClosingRules,
): number | null {
  if (status !== 'draft' && status !== 'approved') return null;
  if (monthMs !== null) return monthClosesAtMs(monthMs, rules.latenessMs);
  return breach === null ? null : breachClosesAtMs(clientId, breach, versions, rules);
}
