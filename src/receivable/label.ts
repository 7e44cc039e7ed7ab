/** The label of an issued invoice, and the flags beside it, from its receivable and today's date. */

import { daysBetween } from './date.ts';
import type { Receivable } from './model.ts';

/** In the order of precedence. */
export const RECEIVABLE_LABELS = [
  'uncollectible',
  'paid',
  'credited',
  'disputed',
  'overdue',
  'part_paid',
  'open',
] as const;
export type ReceivableLabel = (typeof RECEIVABLE_LABELS)[number];

export interface ReceivableStanding {
  readonly label: ReceivableLabel;
  /** An invoice can be both disputed and overdue. */
  readonly isDisputed: boolean;
  /** Days since the due date if something is owed; 0 if it is not overdue. */
  readonly overdueDays: number;
}

/**
 * Without a balance, a write-off outweighs payments, and payments outweigh credits. A dispute may be open beside each
 * label. @param today a UTC date.
 */
export function standingOf(receivable: Receivable, today: string): ReceivableStanding {
  const isOwed = receivable.balanceMinor > 0n;
  const overdueDays = isOwed ? Math.max(0, daysBetween(receivable.dueOn, today)) : 0;
  const isDisputed = receivable.disputeId !== null;
  return {
    label: isOwed ? owedLabel(receivable, isDisputed, overdueDays) : settledLabel(receivable),
    isDisputed,
    overdueDays,
  };
}

function settledLabel({ writtenOffMinor, paidMinor }: Receivable): ReceivableLabel {
  if (writtenOffMinor > 0n) return 'uncollectible';
  return paidMinor > 0n ? 'paid' : 'credited';
}

function owedLabel(
  { balanceMinor, payableMinor }: Receivable,
  isDisputed: boolean,
  overdueDays: number,
): ReceivableLabel {
  if (isDisputed) return 'disputed';
  if (overdueDays > 0) return 'overdue';
  return balanceMinor < payableMinor ? 'part_paid' : 'open';
}
