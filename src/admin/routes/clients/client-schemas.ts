/** Request and response schemas of clients. */

import { z } from '@hono/zod-openapi';
import { CLIENT_CLASSES } from '../../../rights/asker.ts';
import { E_INVOICE_FORMATS } from '../../../seller/model.ts';
import { CurrencyCode, EmailAddress, lineOfText, linesOfText, TimestampOut } from '../../fields.ts';
import { addressFields, addressOut } from '../sellers/party-schemas.ts';
import { ChosenId, LanguageCode, TermsDays } from '../sellers/seller-schemas.ts';

export const NewClientId = z
  .string()
  .refine((id) => !id.startsWith('addr:'), {
    error: 'is reserved for callers identified by their address alone',
    params: { hint: 'choose an id that does not begin with addr:' },
    abort: true,
  })
  .refine((id) => /^[a-z0-9][a-z0-9_-]{0,62}$/.test(id), {
    error: 'has the wrong format',
    params: { hint: 'use 1 to 63 characters of a-z, 0-9, _ and -, starting with a letter or a digit' },
  })
  .openapi({ pattern: '^[a-z0-9][a-z0-9_-]{0,62}$', example: 'acme' });

const BillingIn = z
  .strictObject({
    legalName: lineOfText(200).nullable().optional(),
    address: linesOfText(500).nullable().optional(),
    email: EmailAddress.nullable().optional(),
    taxId: lineOfText(64).nullable().optional(),
    currency: CurrencyCode.nullable().optional(),
  })
  .openapi('BillingChange', {
    description: 'Omitted fields keep their value; null clears a field. Requires the role finance.',
  });

const BuyerIn = z
  .strictObject({
    ...addressFields,
    buyerReference: lineOfText(100).nullable().optional().openapi({
      description: 'What the buyer wants to find on its invoices, such as a Leitweg-ID.',
    }),
    orderNumber: lineOfText(100).nullable().optional(),
    language: LanguageCode.nullable().optional().openapi({ description: "null: the seller's." }),
    termsDays: TermsDays.nullable().optional().openapi({ description: "null: the seller's." }),
    eInvoice: z.enum(E_INVOICE_FORMATS).optional(),
    sellerId: ChosenId.nullable().optional().openapi({ description: 'null: the default seller.' }),
  })
  .openapi('BuyerChange', {
    description:
      'What documents need of the client beyond its billing details. Omitted fields keep their value; null clears a field. Requires the role finance.',
  });

const AskerClassField = z.enum(CLIENT_CLASSES).nullable();

export const ClientSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    source: z.enum(['operator', 'address', 'prefix']).openapi({
      description:
        'address: a caller identified by its address alone. prefix: a range of such callers beyond identify.maxAddresses, which is never billed. The ledger creates both.',
    }),
    billing: z.object({
      legalName: z.string().nullable(),
      address: z.string().nullable(),
      email: z.string().nullable(),
      taxId: z.string().nullable(),
      currency: z.string().nullable(),
    }),
    buyer: z.object({
      ...addressOut,
      ...{ buyerReference: z.string().nullable(), orderNumber: z.string().nullable() },
      ...{ language: LanguageCode.nullable(), termsDays: z.int().nullable() },
      ...{ eInvoice: z.enum(E_INVOICE_FORMATS), sellerId: z.string().nullable() },
    }),
    askerClass: AskerClassField.openapi({
      description:
        'The class of its requests as an asker. null: it follows from the evidence of each request; with a key it is developer.',
    }),
    createdAt: TimestampOut,
    updatedAt: TimestampOut,
  })
  .openapi('Client');

export const NewClientSchema = z
  .strictObject({
    id: NewClientId.optional(),
    name: lineOfText(200),
    billing: BillingIn.optional(),
    askerClass: AskerClassField.optional(),
  })
  .openapi('NewClient');

export const ClientChange = z
  .strictObject({
    name: lineOfText(200).optional(),
    billing: BillingIn.optional(),
    buyer: BuyerIn.optional(),
    askerClass: AskerClassField.optional(),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), {
    error: 'changes nothing',
    params: { hint: 'send name, billing, buyer or askerClass' },
  })
  .openapi('ClientChange');
