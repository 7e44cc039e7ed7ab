/** Reversal of an entry: what is refused, and the entry that it makes. */

import type { NewEntry } from './allocate.ts';
import { latestDate } from './date.ts';
import type { BookFault } from './fault.ts';
import type { Entry } from './model.ts';

export interface Reversal {
  readonly entryId: number;
  /** UTC date. */
  readonly on: string;
  readonly reason: string;
}

/** Returns null if the entry can be reversed. @param reversedBy the reversal that exists already. */
export function reversalFault(
  entry: Entry | null,
  reversedBy: Pick<Entry, 'id' | 'effectiveOn'> | null,
): BookFault | null {
  const fault = (code: BookFault['code'], reason: string, hint: string): BookFault => ({
    ...{ code, field: 'entryId', reason, hint },
  });
  if (entry === null) return fault('not_found', 'does not exist', 'see /v1/invoices/{invoiceId}/entries');
  if (entry.kind === 'charge') {
    return fault('not_reversible', 'is a charge', 'correct the invoice by a credit note instead');
  }
  if (entry.kind === 'reversal') {
    return fault('not_reversible', 'is a reversal', 'allocate the money or write the balance off again');
  }
  if (reversedBy === null) return null;
  return fault(
    'already_reversed',
    `was reversed on ${reversedBy.effectiveOn} by entry ${reversedBy.id}`,
    'do nothing; an entry is reversed once',
  );
}

/** The reversal is not effective before an earlier entry of the invoice. @param lastOn when that entry is. */
export function reversalEntry(
  entry: Entry,
  { on, reason }: Reversal,
  lastOn: string,
  who: Pick<Entry, 'actor' | 'atMs'>,
): NewEntry {
  const { invoiceId, paymentId, creditNoteId } = entry;
  return {
    ...{ invoiceId, kind: 'reversal', amountMinor: -entry.amountMinor, paymentId, creditNoteId },
    ...{ reversesId: entry.id, effectiveOn: latestDate(on, lastOn), ...who, reason },
  };
}
