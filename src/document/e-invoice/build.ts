/** An issued invoice as the tree of an e-invoice. The mapping to the terms of EN 16931 is in docs/e-invoices.md. */

import type { IssuedDocument } from '../../invoice/document.ts';
import type { EInvoiceSyntax } from '../../invoice/issuing/e-invoice-facts.ts';
import { dateText } from '../format.ts';
import type { Claim } from '../input.ts';
import { DOCUMENT_TEXTS } from '../texts/language-texts.ts';
import { datesOf, lineTrees } from './lines.ts';
import { noteOf } from './note.ts';
import { buyerTree, sellerTree } from './party.ts';
import { totalsTrees } from './tax.ts';
import { present, signOf, type Tree } from './tree.ts';

/** UNTDID 1001: commercial invoice, and credit note. */
const INVOICE = '380';
const CREDIT_NOTE = '381';
/** UNTDID 4461: not defined, credit transfer, SEPA credit transfer, and clearing between partners. */
const UNDEFINED_MEANS = '1';
const CREDIT_TRANSFER = '30';
const SEPA_CREDIT_TRANSFER = '58';
const CLEARING = '97';
/** BT-10 if there is neither a reference nor an order number, because Peppol wants one of them. */
const NO_REFERENCE = 'none';

/** Requires a claim without faults (`eInvoiceFaults`). */
export function eInvoiceTree(format: EInvoiceSyntax, claim: Claim): Tree {
  const { invoice, document } = claim;
  const { buyer, taxRule, corrects } = document;
  const isCredit = signOf(claim) < 0n;
  const fromMs = Math.min(...invoice.lines.map((line) => line.fromMs));
  const toMs = Math.max(...invoice.lines.map((line) => line.toMs));
  const period = datesOf(fromMs, toMs);
  const note = noteOf(claim);
  return {
    'ubl:Invoice': present({
      'cbc:ID': document.displayNumber,
      'cbc:IssueDate': document.issuedOn,
      'cbc:DueDate': isCredit ? null : document.dueOn,
      'cbc:InvoiceTypeCode': isCredit ? CREDIT_NOTE : INVOICE,
      'cbc:Note': note === '' ? null : [note],
      'cbc:DocumentCurrencyCode': invoice.currency,
      'cbc:BuyerReference': buyer.buyerReference ?? (buyer.orderNumber === null ? NO_REFERENCE : null),
      'cac:InvoicePeriod': period,
      'cac:OrderReference': buyer.orderNumber === null ? null : { 'cbc:ID': buyer.orderNumber },
      'cac:BillingReference': corrects === null ? null : [referenceTree(corrects)],
      'cac:AccountingSupplierParty': sellerTree(document.seller, taxRule.category),
      'cac:AccountingCustomerParty': buyerTree(buyer, taxRule.category),
      'cac:Delivery': deliveryTree(document, period['cbc:EndDate'] as string),
      'cac:PaymentMeans': paymentTrees(claim),
      'cac:PaymentTerms': { 'cbc:Note': termsOf(claim) },
      ...totalsTrees(format, claim),
      'cac:InvoiceLine': lineTrees(claim),
    }),
  };
}

/** BG-3. */
function referenceTree({ displayNumber, issuedOn }: NonNullable<IssuedDocument['corrects']>): Tree {
  return { 'cac:InvoiceDocumentReference': { 'cbc:ID': displayNumber, 'cbc:IssueDate': issuedOn } };
}

/**
 * BT-72: the last day on which posts were served. The schema of CII wants a delivery, and the library leaves out an
 * empty one. Category K needs the country too (BR-IC-12), and XRechnung then the city and postcode (BR-DE-10, BR-DE-11).
 */
function deliveryTree({ taxRule, buyer }: IssuedDocument, servedOn: string): Tree {
  const address = present({
    'cbc:CityName': buyer.city,
    'cbc:PostalZone': buyer.postcode,
    'cac:Country': present({ 'cbc:IdentificationCode': buyer.country }),
  });
  return present({
    'cbc:ActualDeliveryDate': servedOn,
    'cac:DeliveryLocation': taxRule.category === 'K' ? { 'cac:Address': address } : null,
  });
}

/** BG-16. A credit note pays nothing to the seller's account. Without an account, only the reference is stated. */
function paymentTrees(claim: Claim): Tree[] {
  const { invoice, document } = claim;
  const reference = { 'cbc:PaymentID': document.paymentReference };
  if (signOf(claim) < 0n) return [{ 'cbc:PaymentMeansCode': CLEARING, ...reference }];
  const { bank } = document;
  const account = bank?.iban ?? bank?.accountNumber ?? null;
  if (bank === null || account === null) return [{ 'cbc:PaymentMeansCode': UNDEFINED_MEANS, ...reference }];
  const isSepa = invoice.currency === 'EUR' && bank.iban !== null;
  const details = [bank.bankName, bank.routingNumber].filter((text) => text !== null).join(', ');
  return [
    present({
      'cbc:PaymentMeansCode': isSepa ? SEPA_CREDIT_TRANSFER : CREDIT_TRANSFER,
      'cbc:PaymentMeansCode@name': details === '' ? null : details,
      ...reference,
      'cac:PayeeFinancialAccount': present({
        'cbc:ID': account,
        'cbc:Name': bank.holder,
        'cac:FinancialInstitutionBranch': bank.bic === null ? null : { 'cbc:ID': bank.bic },
      }),
    }),
  ];
}

/** BT-20. It begins with a word, because XRechnung reads a line after `#` as a discount (BR-DE-18). */
function termsOf({ invoice, document }: Claim): string {
  const { invoice: words, signs } = DOCUMENT_TEXTS[document.language];
  return invoice.kind === 'credit_note' ? words.nothingToPay : words.payBy(dateText(document.dueOn, signs));
}
