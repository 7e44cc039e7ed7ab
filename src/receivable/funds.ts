/** Money that can be allocated to invoices: what is left of a payment or of a credit note. */

import type { Entry, Refund } from './model.ts';

export interface Funds {
  readonly kind: 'payment' | 'credit_note';
  readonly id: string;
  /** Null: a payment whose payer is not a known client. It may pay any invoice of its seller. */
  readonly clientId: string | null;
  readonly sellerId: string;
  readonly currency: string;
  /** The whole amount, and what entries and refunds leave of it. Not negative. */
  readonly amountMinor: bigint;
  readonly leftMinor: bigint;
}

/** @param amountMinor positive. @param entries those drawn on it, with their reversals. */
export function leftOf(
  amountMinor: bigint,
  entries: readonly Pick<Entry, 'amountMinor'>[],
  refunds: readonly Pick<Refund, 'amountMinor'>[],
): bigint {
  const allocated = entries.reduce((sum, entry) => sum - entry.amountMinor, 0n);
  const refunded = refunds.reduce((sum, refund) => sum + refund.amountMinor, 0n);
  return amountMinor - allocated - refunded;
}
