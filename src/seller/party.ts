/** Rules for the name and address of a party that concern several of its fields. */

import type { FieldError } from '../tariff/terms.ts';
import type { Party } from './model.ts';

/** A party of which nothing is known. */
export const UNKNOWN_PARTY: Party = {
  ...{ legalName: null, address: null, street: null, street2: null, postcode: null, city: null },
  ...{ region: null, country: null, email: null, phone: null, contact: null, vatId: null, taxId: null },
  ...{ register: null, registerId: null, electronicAddress: null, electronicScheme: null },
};

/** Returns what contradicts itself in the electronic address, which is an address within a scheme. */
export function partyFaults(party: Pick<Party, 'electronicAddress' | 'electronicScheme'>): FieldError[] {
  const { electronicAddress: address, electronicScheme: scheme } = party;
  if (address !== null && scheme === null) {
    const hint = 'send its scheme too, such as EM for mail or 9930 for a German VAT id';
    return [{ field: 'electronicScheme', reason: 'is missing for the electronic address', hint }];
  }
  if (address === null && scheme !== null) {
    const hint = 'send the address too, or null for the scheme';
    return [{ field: 'electronicAddress', reason: 'is missing for its scheme', hint }];
  }
  if (scheme === 'EM' && !/^[^\s@]{1,64}@[^\s@]{3,190}$/.test(address!)) {
    const hint = 'use the form invoices@example.com, or another scheme';
    return [{ field: 'electronicAddress', reason: 'is not an e-mail address, which EM names', hint }];
  }
  return [];
}
