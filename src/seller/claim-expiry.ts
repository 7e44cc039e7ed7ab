/** When claims under a clause expire. */

import type { Translated } from './language.ts';
import type { ClaimPeriod } from './model.ts';

export interface ClaimExpiry {
  readonly label: Translated;
  /** UTC date. */
  readonly on: string;
}

/** Adds each period to the first minute of the breach, because doubt favours the client. */
export function claimExpiries(periods: readonly ClaimPeriod[], breachFromMs: number): ClaimExpiry[] {
  return periods.map(({ label, months }) => ({ label, on: monthsAfter(breachFromMs, months) }));
}

/** The UTC date that many calendar months later; the last day of the month if it has fewer days. */
function monthsAfter(atMs: number, months: number): string {
  const from = new Date(atMs);
  const [year, month, day] = [from.getUTCFullYear(), from.getUTCMonth() + months, from.getUTCDate()];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month, Math.min(day, lastDay))).toISOString().slice(0, 10);
}
