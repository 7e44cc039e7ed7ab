/**
 * The document of an issued invoice: everything that is printed besides its lines, frozen at issue and covered by the
 * seal of its content. Amounts are decimal text in major units, dates are UTC dates.
 */

import { z } from 'zod';
import { LANGUAGES } from '../seller/language.ts';
import {
  BUYER_SCOPES,
  CLAIM_KINDS,
  DEFAULT_SERIES,
  E_INVOICE_FORMATS,
  TAX_CATEGORIES,
} from '../seller/model.ts';

const text = z.string();
const nullable = text.nullable();
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const amount = z.string().regex(/^-?\d{1,40}(\.\d{1,4})?$/);
const translated = z.partialRecord(z.enum(LANGUAGES), text);

const party = z.strictObject({
  ...{ legalName: nullable, address: nullable, street: nullable, street2: nullable, postcode: nullable },
  ...{ city: nullable, region: nullable, country: nullable, email: nullable, phone: nullable },
  ...{ contact: nullable, vatId: nullable, taxId: nullable, register: nullable, registerId: nullable },
  ...{ electronicAddress: nullable, electronicScheme: nullable },
});

/** For input from outside, or input that may have been changed. */
export const issuedDocumentSchema = z.strictObject({
  version: z.literal(1),
  /** Prefix, year of a yearly series, and number, as printed. */
  displayNumber: text,
  language: z.enum(LANGUAGES),
  issuedOn: date,
  dueOn: date,
  /** ISO 11649. */
  paymentReference: text,
  /** Net amount, tax, and their sum. Negative on a credit note. */
  ...{ net: amount, tax: amount, payable: amount },
  taxRule: z.strictObject({
    appliesTo: z.enum(CLAIM_KINDS),
    buyerScope: z.enum(BUYER_SCOPES),
    category: z.enum(TAX_CATEGORIES),
    rateBp: z.int().min(0),
    exemptionCode: nullable,
    reason: translated,
  }),
  seller: party.extend({ id: text }),
  texts: z.partialRecord(
    z.enum(LANGUAGES),
    z.strictObject({
      ...{ title: text.optional(), intro: text.optional() },
      ...{ paymentNote: text.optional(), footer: text.optional() },
    }),
  ),
  /** Hex SHA-256 of the seller's logo at issue; null without a logo. */
  logo: nullable,
  /** The account in the currency of the invoice; null if the seller has none. */
  bank: z
    .strictObject({
      ...{ holder: text, iban: nullable, bic: nullable, accountNumber: nullable },
      ...{ routingNumber: nullable, bankName: nullable },
    })
    .nullable(),
  buyer: party.extend({ clientId: text, buyerReference: nullable, orderNumber: nullable }),
  /** Further liable parties. Each gets a numbered copy; the buyer has copy 1. */
  coDebtors: z.array(party.extend({ id: text, ground: text })),
  /** The terms in force at the start of the breach; null for a licence, or without a clause. */
  clause: z
    .strictObject({
      ...{ id: text, variant: text, name: text, text, source: text, law: text, validFrom: date },
    })
    .nullable(),
  claimExpiries: z.array(z.strictObject({ label: translated, on: date })),
  /** Each reading of the clause with its amount; empty on a manual correction. */
  readings: z.array(
    z.strictObject({ name: text, posts: z.int().nullable(), amount: amount.nullable(), isUsed: z.boolean() }),
  ),
  /** The invoice that a supplement or credit note corrects. */
  corrects: z.strictObject({ id: text, displayNumber: text, issuedOn: date }).nullable(),
  eInvoice: z.enum(E_INVOICE_FORMATS),
});

export type IssuedDocument = Readonly<z.output<typeof issuedDocumentSchema>>;
export type DocumentParty = IssuedDocument['buyer'];

/** The number as printed. Invoices that are older than documents print the number alone. */
export function printedNumber(issued: {
  readonly number: number | null;
  readonly document: IssuedDocument | null;
}): string {
  return issued.document?.displayNumber ?? String(issued.number);
}

/** What issue sets, as it is on a draft of billing, and on invoices that are older than documents. */
export const UNDOCUMENTED = {
  origin: 'billing',
  series: DEFAULT_SERIES,
  sellerId: null,
  taxMinor: 0n,
  document: null,
  approverTokenId: null,
} as const;
