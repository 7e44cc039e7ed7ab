/** Rules of disputes: what may be disputed, answered and resolved. An invoice has at most one open dispute. */

import type { Dispute, DisputeOutcome, Receivable } from './model.ts';

export type DisputeFault =
  /** There is no issued invoice or supplement with a book. */
  | 'no_book'
  | 'already_disputed'
  | 'exceeds_payable'
  | 'not_found'
  | 'already_answered'
  | 'already_resolved'
  /** A credit contradicts an outcome that is not in the client's favour. */
  | 'credit_unfounded';

/** Returns null if a dispute of this amount may be opened. A paid invoice may be disputed. */
export function openingFault(
  receivable: Pick<Receivable, 'payableMinor' | 'disputeId'> | null,
  disputedMinor: bigint,
): DisputeFault | null {
  if (receivable === null) return 'no_book';
  if (receivable.disputeId !== null) return 'already_disputed';
  return disputedMinor > receivable.payableMinor ? 'exceeds_payable' : null;
}

export function answerFault(dispute: Dispute | null): DisputeFault | null {
  if (dispute === null) return 'not_found';
  if (dispute.resolvedAtMs !== null) return 'already_resolved';
  return dispute.answeredAtMs === null ? null : 'already_answered';
}

export function resolutionFault(
  dispute: Dispute | null,
  outcome: DisputeOutcome,
  hasCredit: boolean,
): DisputeFault | null {
  if (dispute === null) return 'not_found';
  if (dispute.resolvedAtMs !== null) return 'already_resolved';
  return hasCredit && !favoursClient(outcome) ? 'credit_unfounded' : null;
}

/** `upheld`: the client is right. */
export function favoursClient(outcome: DisputeOutcome): boolean {
  return outcome === 'upheld' || outcome === 'partly_upheld' || outcome === 'settled';
}
