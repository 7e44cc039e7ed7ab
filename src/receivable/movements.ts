/** The movements of the account of a client, from its documents, its money and the entries of its invoices. */

import { utcDateOf } from './date.ts';
import type { Entry, Payment, Refund } from './model.ts';
import type { Movement } from './statement.ts';

/** An issued invoice, supplement or credit note of the client. */
export interface AccountDocument {
  readonly id: string;
  readonly kind: 'invoice' | 'supplement' | 'credit_note';
  readonly number: string;
  readonly issuedAtMs: number;
  /** Negative on a credit note. */
  readonly payableMinor: bigint;
  /** Null on a credit note. */
  readonly dueOn: string | null;
}

/** Everything of one client in one currency. */
export interface AccountFacts {
  readonly documents: readonly AccountDocument[];
  /** Of the client's invoices. An invoice without a charge is not in the book yet. */
  readonly entries: readonly Entry[];
  /** Payments of the client. */
  readonly payments: readonly Payment[];
  /** Payments without a client that have paid an invoice of the client. */
  readonly otherPayments: readonly Payment[];
  /** Of the client's payments and credit notes. */
  readonly refunds: readonly Refund[];
}

/**
 * A payment of the client counts as a whole when it came in, and a credit note when it was issued: their allocation
 * moves nothing. A payment without a client counts by what is allocated to the client's invoices.
 */
export function movementsOf(facts: AccountFacts): Movement[] {
  return [
    ...facts.documents.flatMap((document) => ofDocument(document, facts.entries)),
    ...facts.payments.map(
      (payment): Movement => ({
        ...{ kind: 'payment', on: payment.receivedOn, atMs: payment.atMs, id: payment.id },
        ...{ number: null, text: payment.reference ?? payment.payer, dueOn: null },
        amountMinor: -payment.amountMinor,
      }),
    ),
    ...facts.refunds.map(
      (refund): Movement => ({
        ...{ kind: 'refund', on: refund.paidOn, atMs: refund.atMs, id: refund.id },
        ...{ number: null, text: refund.reason, dueOn: null, amountMinor: refund.amountMinor },
      }),
    ),
    ...facts.entries.flatMap((entry) => ofEntry(entry, facts)),
  ];
}

function ofDocument(document: AccountDocument, entries: readonly Entry[]): Movement[] {
  const { id, kind, number, issuedAtMs, payableMinor, dueOn } = document;
  const charge = entries.find((entry) => entry.kind === 'charge' && entry.invoiceId === id);
  if (kind !== 'credit_note' && charge === undefined) return [];
  const on = charge?.effectiveOn ?? utcDateOf(issuedAtMs);
  return [{ kind, on, atMs: issuedAtMs, id, number, text: null, dueOn, amountMinor: payableMinor }];
}

function ofEntry(entry: Entry, { entries, documents, otherPayments }: AccountFacts): Movement[] {
  const undone = entries.find(({ id }) => id === entry.reversesId);
  const kind = undone?.kind ?? entry.kind;
  const other = otherPayments.find(({ id }) => id === entry.paymentId);
  if (kind !== 'write_off' && other === undefined) return [];
  const isReversal = undone !== undefined;
  const ofWriteOff = isReversal ? ('write_off_reversal' as const) : ('write_off' as const);
  const ofPayment = isReversal ? ('payment_reversal' as const) : ('payment' as const);
  return [
    {
      kind: other === undefined ? ofWriteOff : ofPayment,
      ...{ on: entry.effectiveOn, atMs: entry.atMs, id: other?.id ?? entry.invoiceId, dueOn: null },
      number: documents.find(({ id }) => id === entry.invoiceId)?.number ?? null,
      text: entry.reason ?? other?.reference ?? other?.payer ?? null,
      amountMinor: entry.amountMinor,
    },
  ];
}
