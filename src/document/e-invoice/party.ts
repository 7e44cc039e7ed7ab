/** Seller and buyer of an e-invoice (BG-4 and BG-7) as trees. */

import type { IssuedDocument } from '../../invoice/document.ts';
import { electronicAddressOf, sellerIdentifier } from '../../invoice/issuing/e-invoice-facts.ts';
import type { Party, TaxCategory } from '../../seller/model.ts';
import { present, type Tree } from './tree.ts';

/** UNTDID 5153: the scheme of BT-31 and BT-48, and of the tax number BT-32. */
const VAT = 'VAT';
const TAX_NUMBER = 'FC';

/** BG-4. The VAT id comes first, because the library gives the right code of CII to the first number only. */
export function sellerTree(seller: IssuedDocument['seller'], category: TaxCategory): Tree {
  const numbers = [
    ...registration(vatIdOf(seller, category), VAT),
    ...registration(seller.taxId, TAX_NUMBER),
  ];
  return {
    'cac:Party': present({
      ...endpoint(seller),
      'cac:PostalAddress': addressTree(seller),
      'cac:PartyTaxScheme': numbers.length === 0 ? null : numbers,
      'cac:PartyLegalEntity': present({
        'cbc:RegistrationName': seller.legalName,
        'cbc:CompanyID': sellerIdentifier(seller),
        'cbc:CompanyLegalForm': seller.register,
      }),
      'cac:Contact': contactTree(seller),
    }),
  };
}

/** BG-7. */
export function buyerTree(buyer: IssuedDocument['buyer'], category: TaxCategory): Tree {
  return {
    'cac:Party': present({
      ...endpoint(buyer),
      'cac:PostalAddress': addressTree(buyer),
      'cac:PartyTaxScheme': registration(vatIdOf(buyer, category), VAT)[0] ?? null,
      'cac:PartyLegalEntity': present({
        'cbc:RegistrationName': buyer.legalName,
        'cbc:CompanyID': buyer.registerId,
      }),
      'cac:Contact': contactTree(buyer),
    }),
  };
}

/** An invoice that is not subject to VAT has no VAT ids (BR-O-02 to BR-O-04). */
function vatIdOf(party: Party, category: TaxCategory): string | null {
  return category === 'O' ? null : party.vatId;
}

function registration(id: string | null, scheme: string): Tree[] {
  return id === null ? [] : [{ 'cbc:CompanyID': id, 'cac:TaxScheme': { 'cbc:ID': scheme } }];
}

function endpoint(party: Party) {
  const { address, scheme } = electronicAddressOf(party);
  return { 'cbc:EndpointID': address, 'cbc:EndpointID@schemeID': address === null ? null : scheme };
}

/** The free text is used if there is no street: its lines become the three lines of an address. */
function addressTree(party: Party): Tree {
  const free = (party.address ?? '').split('\n').map((line) => line.trim());
  const [first = null, second = null, ...rest] =
    party.street === null ? free.filter((line) => line !== '') : [party.street, party.street2];
  return present({
    'cbc:StreetName': first,
    'cbc:AdditionalStreetName': second,
    'cac:AddressLine': rest.length === 0 ? null : { 'cbc:Line': rest.join(', ') },
    'cbc:CityName': party.city,
    'cbc:PostalZone': party.postcode,
    'cbc:CountrySubentity': party.region,
    'cac:Country': present({ 'cbc:IdentificationCode': party.country }),
  });
}

function contactTree({ contact, phone, email }: Party): Tree | null {
  if (contact === null && phone === null && email === null) return null;
  return present({ 'cbc:Name': contact, 'cbc:Telephone': phone, 'cbc:ElectronicMail': email });
}
