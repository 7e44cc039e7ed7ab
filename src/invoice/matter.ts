/** Which invoices are about the same debt: the same breach or month, also after breaches became one. */

import type { Invoice } from './model.ts';

type Debt = Pick<Invoice, 'id' | 'clientId' | 'currency' | 'breachId' | 'monthMs'>;

/** The ids of the invoices that the lines deduct. Those of merged breaches may belong to another breach. */
export function deductedBy({ lines }: Pick<Invoice, 'lines'>): string[] {
  return lines.flatMap(({ offsetsInvoiceId }) => offsetsInvoiceId ?? []);
}

/** True if `one` is in the matter of the invoice: it is deducted by it, or has its breach or month, in its currency. */
export function isInMatterOf(one: Debt, invoice: Debt & Pick<Invoice, 'lines'>): boolean {
  return (
    one.clientId === invoice.clientId &&
    one.currency === invoice.currency &&
    ((one.breachId !== null && one.breachId === invoice.breachId) ||
      (one.monthMs !== null && one.monthMs === invoice.monthMs) ||
      deductedBy(invoice).includes(one.id))
  );
}
