/** The lines of a party's address, and of its registers. */

import type { Party } from '../seller/model.ts';
import type { DocumentTexts } from './texts/texts.ts';

/** Countries whose addresses have the postcode after the city. */
const CITY_FIRST = new Set(['US', 'CA', 'GB', 'IE', 'AU', 'NZ', 'IN', 'SG']);
/** Countries whose paper has the size Letter. */
const LETTER_COUNTRIES = new Set(['US', 'CA']);

/** The address without the name. Uses the free text if there is neither street nor city. */
export function addressLines(party: Party): string[] {
  const { address, street, street2, postcode, city, region, country } = party;
  if (street === null && city === null) return (address ?? '').split('\n').filter((line) => line !== '');
  const place =
    country !== null && CITY_FIRST.has(country)
      ? [[city, region].filter(isGiven).join(', '), postcode]
      : [postcode, city, region === null ? null : `(${region})`];
  const lines = [street, street2, place.filter(isGiven).join(' '), country];
  return lines.filter(isGiven);
}

/** Register, VAT id, tax number, and contact: what a letterhead has besides name and address. */
export function registerLines(party: Party, { invoice, signs }: DocumentTexts): string[] {
  const { register, registerId, vatId, taxId } = party;
  const registered = [register, registerId].filter(isGiven).join(' ');
  return [
    ...(registered === '' ? [] : [signs.labelled(invoice.register, registered)]),
    ...(isGiven(vatId) ? [signs.labelled(invoice.vatId, vatId)] : []),
    ...(isGiven(taxId) ? [signs.labelled(invoice.taxId, taxId)] : []),
  ];
}

export function contactLines({ contact, phone, email }: Party): string[] {
  return [contact, phone, email].filter(isGiven);
}

export function paperOf(seller: Party): 'A4' | 'LETTER' {
  return seller.country !== null && LETTER_COUNTRIES.has(seller.country) ? 'LETTER' : 'A4';
}

function isGiven(text: string | null): text is string {
  return text !== null && text !== '';
}
