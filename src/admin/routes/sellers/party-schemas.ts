/** Fields of names and addresses in requests and responses: of sellers, co-debtors and clients. */

import { z } from '@hono/zod-openapi';
import { isAddressScheme, isCountry } from '../../../seller/codes.ts';
import { EmailAddress, lineOfText, linesOfText } from '../../fields.ts';

const line = (maxLength: number) => lineOfText(maxLength).nullable().optional();

const Country = z
  .string()
  .refine(isCountry, {
    error: 'is not an ISO 3166-1 country code',
    params: { hint: 'use a code of two capital letters, such as DE' },
  })
  .openapi({ example: 'DE' });

const AddressScheme = z
  .string()
  .refine(isAddressScheme, {
    error: 'is not in the code list EAS of electronic address schemes',
    params: { hint: 'use a code such as EM for mail, 0204 for a Leitweg-ID, or 9930 for a German VAT id' },
  })
  .openapi({ example: 'EM' });

/** The parts of a postal address, and the electronic address for e-invoices. */
export const addressFields = {
  street: line(200),
  street2: line(200),
  postcode: line(20),
  city: line(100),
  region: line(100),
  country: Country.nullable().optional(),
  electronicAddress: line(200),
  electronicScheme: AddressScheme.nullable().optional(),
};

/** All fields of a party. Omitted fields keep their values; null clears a field. */
export const partyFields = {
  legalName: line(200),
  address: linesOfText(500).nullable().optional().openapi({
    description: 'The address as free text, used if the parts are missing.',
  }),
  ...addressFields,
  email: EmailAddress.nullable().optional(),
  phone: line(40),
  contact: line(100),
  vatId: line(20).openapi({ description: 'With its country prefix.', example: 'DE123456789' }),
  taxId: line(64),
  register: line(100).openapi({ description: 'Name of the commercial register.' }),
  registerId: line(64),
};

const nullable = z.string().nullable();

export const addressOut = {
  ...{ street: nullable, street2: nullable, postcode: nullable, city: nullable, region: nullable },
  ...{ country: nullable, electronicAddress: nullable, electronicScheme: nullable },
};

export const partyOut = {
  ...{ legalName: nullable, address: nullable, ...addressOut, email: nullable, phone: nullable },
  ...{ contact: nullable, vatId: nullable, taxId: nullable, register: nullable, registerId: nullable },
};
