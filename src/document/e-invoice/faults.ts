/** Why an e-invoice cannot be made: what a format demands and the frozen document does not have. */

import type { IssuedDocument } from '../../invoice/document.ts';
import { isAddressScheme, isCountry } from '../../seller/codes.ts';
import type { Party, TaxCategory } from '../../seller/model.ts';
import { formatMoney } from '../../tariff/money.ts';
import type { DocumentFault } from '../document-error.ts';
import type { Claim } from '../input.ts';
import { electronicAddressOf, sellerIdentifier } from './party.ts';
import { exemptionOf } from './tax.ts';
import { isXRechnung, type XmlFormat } from './tree.ts';

const FIXES = {
  seller: 'complete the seller before the invoice is issued',
  buyer: 'complete the client before the invoice is issued',
} as const;
type Role = keyof typeof FIXES;
/** Controls other than tab and line ends, halves of a surrogate pair, and the non-characters that XML 1.0 excludes. */
const FORBIDDEN = /[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/u;
/** Categories by the numbers that they demand (BR-S-02, BR-AE-02 and their like). */
const NEEDS_SELLER_NUMBER: ReadonlySet<TaxCategory> = new Set(['S', 'Z', 'E', 'AE']);
const NEEDS_SELLER_VAT_ID: ReadonlySet<TaxCategory> = new Set(['G', 'K']);

/** Returns all faults, with fields of the issued document; empty if the e-invoice can be made. */
export function eInvoiceFaults(format: XmlFormat, claim: Claim): DocumentFault[] {
  const { document } = claim;
  return [
    ...currencyFaults(claim),
    ...partyFaults('seller', document.seller, format),
    ...partyFaults('buyer', document.buyer, format),
    ...taxFaults(document),
    ...correctionFaults(claim),
    ...(isXRechnung(format) ? xrechnungFaults(claim) : []),
    ...textFaults({ ...document, lines: claim.invoice.lines, offsets: claim.offsets }, ''),
  ];
}

function currencyFaults({ invoice: { currency } }: Claim): DocumentFault[] {
  const [, fraction = ''] = formatMoney(0n, currency).split('.');
  if (fraction.length <= 2) return [];
  const reason = `${currency} has ${fraction.length} decimal places; an amount of EN 16931 has at most 2`;
  return [{ field: 'currency', reason, hint: 'send the PDF without an e-invoice' }];
}

function missing(role: Role, name: keyof IssuedDocument['buyer'], reason = 'is missing'): DocumentFault {
  return { field: `${role}.${name}`, reason, hint: FIXES[role] };
}

function partyFaults(role: Role, party: Party, format: XmlFormat): DocumentFault[] {
  const faults: DocumentFault[] = [];
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

function taxFaults(document: IssuedDocument): DocumentFault[] {
  const { seller, buyer, taxRule } = document;
  const { category, rateBp } = taxRule;
  const faults: DocumentFault[] = [];
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
function correctionFaults({ invoice, document }: Claim): DocumentFault[] {
  if (invoice.kind === 'invoice' || document.corrects !== null) return [];
  const reason = 'is missing; a correction names the invoice that it corrects';
  return [{ field: 'corrects', reason, hint: 'send the PDF without an e-invoice' }];
}

/** BR-DE-1 to BR-DE-9 and BR-DE-15. */
function xrechnungFaults({ invoice, document }: Claim): DocumentFault[] {
  const { seller, buyer, bank } = document;
  const faults: DocumentFault[] = [];
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
function textFaults(value: unknown, field: string): DocumentFault[] {
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
