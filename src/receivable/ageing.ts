/** How old the debts are as at a date: open amounts by days since the due date, disputed ones apart. */

import { daysBetween } from './date.ts';
import type { Entry } from './model.ts';

export const AGE_BUCKETS = ['not_due', 'days_1_30', 'days_31_60', 'days_61_90', 'over_90'] as const;
export type AgeBucket = (typeof AGE_BUCKETS)[number];

/** An amount owed on one invoice as at a date. */
export interface AgedDebt {
  readonly currency: string;
  readonly dueOn: string;
  readonly openMinor: bigint;
  readonly isDisputed: boolean;
}

/** Open amounts in one currency. `totalMinor` is the sum of all buckets and of what is disputed. */
export interface Ageing {
  readonly currency: string;
  readonly buckets: Readonly<Record<AgeBucket, bigint>>;
  readonly disputedMinor: bigint;
  readonly totalMinor: bigint;
}

/** An invoice is due on its due date, and 1 day old on the day after. Dates are UTC. */
export function ageBucketOf(dueOn: string, asAt: string): AgeBucket {
  const days = daysBetween(dueOn, asAt);
  if (days <= 0) return 'not_due';
  if (days <= 30) return 'days_1_30';
  if (days <= 60) return 'days_31_60';
  return days <= 90 ? 'days_61_90' : 'over_90';
}

/** What was owed on an invoice at the end of a UTC date: the sum of its entries until then. */
export function openAsAt(
  entries: readonly Pick<Entry, 'amountMinor' | 'effectiveOn'>[],
  asAt: string,
): bigint {
  return entries.reduce((sum, entry) => (entry.effectiveOn <= asAt ? sum + entry.amountMinor : sum), 0n);
}

/** One figure for each currency, in the order of the currencies. Debts of 0 count as nothing. */
export function ageingOf(debts: readonly AgedDebt[], asAt: string): Ageing[] {
  const currencies = [...new Set(debts.filter(isOwed).map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const buckets = { not_due: 0n, days_1_30: 0n, days_31_60: 0n, days_61_90: 0n, over_90: 0n };
    const sums = { disputedMinor: 0n, totalMinor: 0n };
    for (const debt of debts.filter((one) => one.currency === currency)) {
      sums.totalMinor += debt.openMinor;
      if (debt.isDisputed) sums.disputedMinor += debt.openMinor;
      else buckets[ageBucketOf(debt.dueOn, asAt)] += debt.openMinor;
    }
    return { currency, buckets, ...sums };
  });
}

function isOwed({ openMinor }: AgedDebt): boolean {
  return openMinor > 0n;
}
