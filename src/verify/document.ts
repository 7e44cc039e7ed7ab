/** Checks the document of an issued invoice against the invoice: amounts, number, reference, dates and parties. */

import { issuedDocumentSchema, printedNumber } from '../invoice/document.ts';
import type { Invoice } from '../invoice/model.ts';
import { utcDateOf } from '../receivable/date.ts';
import { paymentReferenceOf } from '../seller/payment-reference.ts';
import { taxOfCorrection } from '../seller/tax.ts';
import { formatMoney } from '../tariff/money.ts';
import { type Finding, finding } from './finding.ts';
import { invoiceSubject } from './invoice.ts';

/** `earlier` are the issued invoices of the same breach or month and currency that were issued before this one. */
export function documentFindings(invoice: Invoice, earlier: readonly Invoice[]): Finding[] {
  const { document, currency, amountMinor, taxMinor, issuedAtMs, number } = invoice;
  if (document === null) return [];
  const subject = `${invoiceSubject(invoice)} document`;
  // A changed row may contain any JSON.
  if (!issuedDocumentSchema.safeParse(document).success) {
    return [finding('document_differs', subject, 'the document of an invoice', 'other JSON')];
  }
  const money = (minor: bigint) => formatMoney(minor, currency);
  const same = (what: string, expected: unknown, found: unknown): Finding[] => {
    const [right, real] = [String(expected), String(found)];
    return right === real ? [] : [finding('document_differs', `${subject} ${what}`, right, real)];
  };
  const beforeMinor = earlier.reduce((sum, one) => sum + one.amountMinor, 0n);
  const corrected = earlier.find(({ id }) => id === invoice.correctsId);
  return [
    ...same('tax_minor', taxOfCorrection(beforeMinor, amountMinor, document.taxRule.rateBp), taxMinor),
    ...same('net', money(amountMinor), document.net),
    ...same('tax', money(taxMinor), document.tax),
    ...same('payable', money(amountMinor + taxMinor), document.payable),
    // The prefix and the zeros before the number are those of the series at the issue.
    ...same('displayNumber', number, document.displayNumber.slice(-String(number).length)),
    ...same('paymentReference', paymentReferenceOf(document.displayNumber), document.paymentReference),
    ...same('issuedOn', utcDateOf(issuedAtMs ?? 0), document.issuedOn),
    ...(document.dueOn < document.issuedOn
      ? same('dueOn', `not before ${document.issuedOn}`, document.dueOn)
      : []),
    ...same('seller', invoice.sellerId, document.seller.id),
    ...same('buyer', `${invoice.clientId} ${invoice.billTo?.legalName}`, buyerOf(document)),
    ...same('corrects', invoice.correctsId, document.corrects?.id ?? null),
    ...(corrected === undefined
      ? []
      : same('corrects', printedNumber(corrected), document.corrects?.displayNumber)),
  ];
}

function buyerOf({ buyer }: NonNullable<Invoice['document']>): string {
  return `${buyer.clientId} ${buyer.legalName}`;
}
