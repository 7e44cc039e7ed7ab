/**
 * What an e-invoice must state, and the frozen document of an invoice lacks. Issue asks it, because a document cannot be
 * completed afterwards; the writer of e-invoices asks it again before it calls the library.
 */

import { isAddressScheme, isCountry } from '../../seller/codes.ts';
import type { Party, TaxCategory } from '../../seller/model.ts';
import { formatMoney } from '../../tariff/money.ts';
import type { FieldError } from '../../tariff/terms.ts';
import type { IssuedDocument } from '../document.ts';
import type { Invoice } from '../model.ts';
import type { DocumentRefusal } from '../outcome.ts';
import {
  type EInvoiceSyntax,
  electronicAddressOf,
  exemptionOf,
  sellerIdentifier,
} from './e-invoice-facts.ts';

/** An invoice with its document. */
interface EInvoiceBasis {
  readonly invoice: Invoice;
  readonly document: IssuedDocument;
}

const FIXES = {
  seller: 'complete the seller before the invoice is issued',
  buyer: 'complete the client before the invoice is issued',
} as const;
type Role = keyof typeof FIXES;
const PDF_ONLY = 'use the PDF, and set `eInvoice` of the client to `none`';
/** Controls other than tab and line ends, halves of a surrogate pair, and the non-characters that XML 1.0 excludes. */
const FORBIDDEN = /[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/u;
/** Categories by the numbers that they demand (BR-S-02, BR-AE-02 and their like). */
const NEEDS_SELLER_NUMBER: ReadonlySet<TaxCategory> = new Set(['S', 'Z', 'E', 'AE']);
const NEEDS_SELLER_VAT_ID: ReadonlySet<TaxCategory> = new Set(['G', 'K']);

/** Returns the refusal of an invoice whose client gets e-invoices that cannot be made; null if they can, or it gets none. */
export function eInvoiceRefusal(issued: EInvoiceBasis): DocumentRefusal | null {
  const { eInvoice } = issued.document;
  if (eInvoice === 'none') return null;
  const [fault] = eInvoiceFaults(eInvoice === 'facturx' ? 'cii' : eInvoice, issued);
  return fault === undefined ? null : { kind: 'document_refused', code: 'e_invoice_data_missing', ...fault };
}

/** Returns all faults, with fields of the issued document; empty if the e-invoice can be made. */
export function eInvoiceFaults(format: EInvoiceSyntax, issued: EInvoiceBasis): FieldError[] {
  const { document } = issued;
  return [
    ...currencyFaults(issued),
    ...partyFaults('seller', document.seller, format),
    ...partyFaults('buyer', document.buyer, format),
    ...taxFaults(document),
    ...correctionFaults(issued),
    ...(format.startsWith('xrechnung') ? xrechnungFaults(issued) : []),
    ...textFaults({ ...document, lines: issued.invoice.lines }, ''),
  ];
}

function currencyFaults({ invoice: { currency } }: EInvoiceBasis): FieldError[] {
  const [, fraction = ''] = formatMoney(0n, currency).split('.');
  if (fraction.length <= 2) return [];
  const reason = `${currency} has ${fraction.length} decimal places; an amount of EN 16931 has at most 2`;
  return [{ field: 'currency', reason, hint: PDF_ONLY }];
}

function missing(role: Role, name: keyof IssuedDocument['buyer'], reason = 'is missing'): FieldError {
  return { field: `${role}.${name}`, reason, hint: FIXES[role] };
}

function partyFaults(role: Role, party: Party, format: EInvoiceSyntax): FieldError[] {
  const faults: FieldError[] = [];
  if (isBlank(party.legalName)) faults.push(missing(role, 'legalName'));
  if (party.country === null || !isCountry(party.country)) {
    faults.push(missing(role, 'country', 'is not a country code of ISO 3166-1, such as DE'));
  }
  const { address, scheme } = electronicAddressOf(party);
  if (isBlank(address) && format !== 'cii') {
    const reason = `is missing, and there is no mail address; ${format} needs one of them`;
    faults.push(missing(role, 'electronicAddress', reason));
  }
  if (!isBlank(address) && (scheme === null || !isAddressScheme(scheme))) {
    faults.push(missing(role, 'electronicScheme', 'is not a scheme of the list EAS, such as EM or 0088'));
  }
  return faults;
}

function taxFaults(document: IssuedDocument): FieldError[] {
  const { seller, buyer, taxRule } = document;
  const { category, rateBp } = taxRule;
  const faults: FieldError[] = [];
  const sellerVatId = category === 'O' ? null : seller.vatId;
  if (sellerIdentifier(seller) === null && sellerVatId === null) {
    faults.push(missing('seller', 'registerId', 'is missing; give the register number or the tax number'));
  }
  if (NEEDS_SELLER_NUMBER.has(category) && seller.vatId === null && seller.taxId === null) {
    faults.push(
      missing('seller', 'vatId', `is missing; tax category ${category} needs it or the tax number`),
    );
  }
  if (NEEDS_SELLER_VAT_ID.has(category) && seller.vatId === null) {
    faults.push(missing('seller', 'vatId', `is missing; tax category ${category} needs it`));
  }
  if (category === 'K' && buyer.vatId === null) {
    faults.push(missing('buyer', 'vatId', 'is missing; tax category K needs it'));
  }
  if (category === 'AE' && buyer.vatId === null && buyer.registerId === null) {
    faults.push(missing('buyer', 'vatId', 'is missing; tax category AE needs it or the register number'));
  }
  if ((category === 'S') !== rateBp > 0) {
    const reason = `is ${rateBp / 100} %; category S needs a rate above 0, and the others have the rate 0`;
    faults.push({ field: 'taxRule.rateBp', reason, hint: 'add a tax rule with the right rate' });
  }
  const { code, reason } = exemptionOf(document);
  if (category === 'E' && code === null && reason === null) {
    const hint = 'add a tax rule with a reason or an exemption code';
    faults.push({ field: 'taxRule.reason', reason: 'is missing; category E needs it', hint });
  }
  return faults;
}

/** No rule of EN 16931 asks for the corrected invoice of a credit note. */
function correctionFaults({ invoice, document }: EInvoiceBasis): FieldError[] {
  if (invoice.kind === 'invoice' || document.corrects !== null) return [];
  const reason = 'is missing; a correction names the invoice that it corrects';
  return [{ field: 'corrects', reason, hint: PDF_ONLY }];
}

/** BR-DE-1 to BR-DE-9 and BR-DE-15. */
function xrechnungFaults({ invoice, document }: EInvoiceBasis): FieldError[] {
  const { seller, buyer, bank } = document;
  const faults: FieldError[] = [];
  for (const name of ['city', 'postcode', 'contact', 'phone', 'email'] as const) {
    if (isBlank(seller[name])) faults.push(missing('seller', name, 'is missing; XRechnung needs it'));
  }
  for (const name of ['city', 'postcode', 'buyerReference'] as const) {
    if (isBlank(buyer[name])) faults.push(missing('buyer', name, 'is missing; XRechnung needs it'));
  }
  if (invoice.kind !== 'credit_note' && (bank?.iban ?? bank?.accountNumber ?? null) === null) {
    const reason = `is missing; XRechnung needs an account in ${invoice.currency}`;
    faults.push({
      field: 'bank',
      reason,
      hint: 'add a bank account to the seller before the invoice is issued',
    });
  }
  return faults;
}

/** Control characters and half surrogates break the XML. */
function textFaults(value: unknown, field: string): FieldError[] {
  if (typeof value === 'string') {
    if (!FORBIDDEN.test(value)) return [];
    return [{ field, reason: 'has a control character, which XML cannot contain', hint: 'remove it' }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    textFaults(part, field === '' ? name : `${field}.${name}`),
  );
}

function isBlank(text: string | null): boolean {
  return text === null || text.trim() === '';
}
