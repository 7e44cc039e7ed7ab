/**
 * Which actions of finance an invoice allows now. The same functions refuse an action and explain beforehand why it
 * would be refused.
 */

import { approve, issue, numberRefusal, onHold, reject } from './issue.ts';
import type { ApproveOutcome, IssueOutcome, RejectOutcome } from './outcome.ts';
import type { BillingRules, DecidableInvoice, LockedInvoice } from './port.ts';
import { isStale, STALE } from './stale.ts';

/** Returns the approved invoice, or the refusal. A billing hold comes first, because it applies to every invoice. */
export function approvable(
  { invoice, breach, hold }: LockedInvoice,
  rules: BillingRules,
  actor: string,
  nowMs: number,
): ApproveOutcome {
  return hold === null ? approve(invoice, breach, rules, actor, nowMs) : onHold(hold);
}

/** Returns the issued invoice without its number, or the refusal. */
export function issuable(
  { invoice, breach, details, hold, dirtyFromMs, tariffs, issuing }: DecidableInvoice,
  rules: BillingRules,
  nowMs: number,
): ReturnType<typeof issue> {
  if (hold !== null) return onHold(hold);
  const outcome = issue(invoice, breach, details, issuing, rules, nowMs);
  if (outcome.kind !== 'may_issue') return outcome;
  if (invoice.origin === 'manual') return outcome;
  return isStale(invoice, breach, dirtyFromMs, tariffs, rules.bucketSeconds) ? STALE : outcome;
}

export const INVOICE_ACTIONS = ['approve', 'reject', 'issue'] as const;
export type InvoiceAction = (typeof INVOICE_ACTIONS)[number];

/** Position of a counter of numbers: the last one of the ledger, and the highest one that the register records. */
export interface SeriesPosition {
  readonly series: string;
  readonly last: number;
  readonly lastRecorded: number | null;
}

/** Returns what the action would answer now; null if it would succeed. Nothing is changed. */
export function refusalNow(
  action: InvoiceAction,
  found: DecidableInvoice,
  rules: BillingRules,
  positions: readonly SeriesPosition[],
  nowMs: number,
): ApproveOutcome | RejectOutcome | IssueOutcome | null {
  if (action === 'approve') {
    const outcome = approvable(found, rules, '', nowMs);
    return outcome.kind === 'approved' ? null : outcome;
  }
  if (action === 'reject') {
    const outcome = reject(found.invoice, '', '', nowMs);
    return outcome.kind === 'rejection' ? null : outcome;
  }
  const outcome = issuable(found, rules, nowMs);
  if (outcome.kind !== 'may_issue') return outcome;
  const { series } = outcome.invoice;
  const position = positions.find((one) => one.series === series);
  return numberRefusal(series, (position?.last ?? 0) + 1, position?.lastRecorded ?? 0);
}
