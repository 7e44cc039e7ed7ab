/** The note of an e-invoice (BT-22): what the document corrects, its legal basis, readings, liable parties and seal. */

import { E_INVOICE_TEXTS } from './texts.ts';
import type { EInvoiceSource } from './tree.ts';

/** One note with a line for each fact, because Peppol permits one. Empty if there is nothing to say. */
export function noteOf({ document, seal }: EInvoiceSource): string {
  const texts = E_INVOICE_TEXTS[document.language];
  const { clause, corrects, readings, coDebtors } = document;
  const lines: string[] = [];
  if (corrects !== null)
    lines.push(texts.corrects(texts.documentName.invoice(corrects.displayNumber), corrects.issuedOn));
  if (clause !== null)
    lines.push(texts.legalBasis([clause.name, clause.validFrom, clause.source].join(', '), clause.law));
  // The names are those of the evidence file, which explains them.
  const amounts = readings
    .filter(({ amount }) => amount !== null)
    .map(({ name, amount, isUsed }) => `${name} ${amount}${isUsed ? ` (${texts.used})` : ''}`);
  if (amounts.length > 0) lines.push(texts.readings(amounts.join(', ')));
  if (coDebtors.length > 0) {
    lines.push(texts.coDebtors(coDebtors.map(({ legalName, id }) => legalName ?? id).join(', ')));
  }
  const paymentNote = document.texts[document.language]?.paymentNote;
  if (paymentNote !== undefined) lines.push(paymentNote);
  if (seal !== null) lines.push(texts.seal(seal.contentHash, seal.usageHash));
  return lines.join('\n');
}
