/** When people are told that a claim expires. */

import { daysBetween } from './date.ts';

/** Days before the expiry, ascending. */
export const CLAIM_NOTICE_DAYS = [7, 30, 90] as const;
export type ClaimNoticeDays = (typeof CLAIM_NOTICE_DAYS)[number];

/**
 * Returns the notice that is due on `today`: the latest one that was reached. Null if the claim expires later than in 90
 * days, or has expired. A notice that was missed is given by the next one. Dates are UTC.
 */
export function claimNoticeOn(expiresOn: string, today: string): ClaimNoticeDays | null {
  const daysLeft = daysBetween(today, expiresOn);
  if (daysLeft < 0) return null;
  return CLAIM_NOTICE_DAYS.find((days) => daysLeft <= days) ?? null;
}
