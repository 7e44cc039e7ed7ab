/** Which invoices change if a tariff version is added with a start in the past: the plan of billing, not carried out. */

import type { Invoice } from '../invoice/model.ts';

/**
 * What happens to an invoice. A `supplement` or `credit_note` corrects an issued one. A draft is `changed`, or `void`
 * because nothing is left to charge.
 */
export type InvoiceEffect = 'supplement' | 'credit_note' | 'changed' | 'void';

export interface ChangedInvoice {
  readonly invoiceId: string;
  /** Null for a draft. */
  readonly number: number | null;
  readonly clientId: string;
  readonly currency: string;
  readonly effect: InvoiceEffect;
  readonly amountMinor: bigint;
  /** What the change adds to the amount; negative if it takes from it. */
  readonly differenceMinor: bigint;
}

/**
 * Returns the invoices of `before` that change, without new invoices of breaches that had none.
 * @param planned the new and changed invoices of a billing plan.
 */
export function changedInvoices(before: readonly Invoice[], planned: readonly Invoice[]): ChangedInvoice[] {
  const known = new Map(before.map((invoice) => [invoice.id, invoice]));
  return planned.flatMap((invoice): ChangedInvoice[] => {
    const draft = known.get(invoice.id);
    if (draft !== undefined) {
      const isVoid = invoice.status === 'void';
      const differenceMinor = (isVoid ? 0n : invoice.amountMinor) - draft.amountMinor;
      return [changeOf(draft, isVoid ? 'void' : 'changed', differenceMinor)];
    }
    const corrected = known.get(invoice.correctsId ?? '');
    if (corrected === undefined || invoice.kind === 'invoice') return [];
    return [changeOf(corrected, invoice.kind, invoice.amountMinor)];
  });
}

function changeOf(invoice: Invoice, effect: InvoiceEffect, differenceMinor: bigint): ChangedInvoice {
  const { id, number, clientId, currency, amountMinor } = invoice;
  return { invoiceId: id, number, clientId, currency, effect, amountMinor, differenceMinor };
}
