/** Ageing: what is owed as at a UTC date, by the days that have passed since it was due. */

import { daysBetween } from './day.ts';
import type { Entry } from './model.ts';

/** Days after the due date. `current`: not due yet, or due on that date. */
export const AGES = ['current', '1-30', '31-60', '61-90', '>90'] as const;
export type Age = (typeof AGES)[number];

export function ageOf(dueOn: string, asAt: string): Age {
  const days = daysBetween(dueOn, asAt);
  if (days <= 0) return 'current';
  if (days <= 30) return '1-30';
  if (days <= 60) return '31-60';
  return days <= 90 ? '61-90' : '>90';
}

/** The sum of the entries that are effective on `asAt` or before: the balance of their invoice as at that date. */
export function balanceAt(
  entries: readonly Pick<Entry, 'amountMinor' | 'effectiveOn'>[],
  asAt: string,
): bigint {
  return entries.reduce(
    (sum, { amountMinor, effectiveOn }) => (effectiveOn <= asAt ? sum + amountMinor : sum),
    0n,
  );
}
