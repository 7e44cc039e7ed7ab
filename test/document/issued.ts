/** Issued invoices with a document for tests of documents, written into a ledger as issue writes them. */

import { sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { entries } from '../../src/adapters/postgres/receivable/tables.ts';
import { clients, invoiceLines, invoices } from '../../src/adapters/postgres/schema.ts';
import type { DocumentPress } from '../../src/document/port.ts';
import type { IssuedDocument } from '../../src/invoice/document.ts';

const NOBODY = {
  ...{
    legalName: null,
    address: null,
    street: null,
    street2: null,
    postcode: null,
    city: null,
    region: null,
  },
  ...{ country: null, email: null, phone: null, contact: null, vatId: null, taxId: null, register: null },
  ...{ registerId: null, electronicAddress: null, electronicScheme: null },
};
const globex = {
  ...NOBODY,
  legalName: 'Globex BV',
  address: 'Keizersgracht 1\nAmsterdam',
  email: 'ap@globex.example',
};

export const CO_DEBTOR = {
  ...NOBODY,
  id: 'proxy',
  legalName: 'Globex Proxy Ltd',
  email: 'law@proxy.example',
  ground: 'Operates the proxies.',
};

/** The document of an invoice over 15,000.02 USD. */
export function documentOf(number: number, changes: Partial<IssuedDocument> = {}): IssuedDocument {
  return {
    ...{ version: 1, displayNumber: `PM-${number}`, language: 'en' },
    ...{ issuedOn: '2026-03-01', dueOn: '2026-03-31', paymentReference: 'RF30PM000017' },
    ...{ net: '15000.02', tax: '0.00', payable: '15000.02' },
    taxRule: {
      ...{ appliesTo: 'damages', buyerScope: 'any', category: 'O', rateBp: 0 },
      ...{ exemptionCode: 'VATEX-EU-O', reason: { en: 'Not consideration for a supply.' } },
    },
    seller: {
      ...NOBODY,
      id: 'default',
      legalName: 'X Corp.',
      street: '865 FM 1209',
      city: 'Bastrop',
      country: 'US',
    },
    ...{ texts: {}, logo: null, bank: null },
    buyer: { ...globex, clientId: 'globex', buyerReference: null, orderNumber: null },
    ...{ coDebtors: [], clause: null, claimExpiries: [], readings: [], corrects: null, eInvoice: 'none' },
    ...changes,
  };
}

/** Issues an invoice with this document to the client `globex`. Returns its id. */
export async function issueDocument(db: LedgerDb, number: number, document: IssuedDocument): Promise<string> {
  const id = v7();
  const issuedAt = new Date(`${document.issuedOn}T12:00:00Z`);
  await db
    .insert(clients)
    .values({ id: 'globex', name: 'Globex', source: 'operator', email: 'ap@globex.example' })
    .onConflictDoNothing();
  await db.transaction(async (tx) => {
    const versions = sql`(select id from tariff_versions where client_id is null limit 1)`;
    await tx.insert(invoices).values({
      ...{
        id,
        kind: 'invoice',
        status: 'draft',
        clientId: 'globex',
        currency: 'USD',
        amountMinor: 1_500_002n,
      },
      ...{ createdAt: issuedAt, updatedAt: issuedAt },
    });
    await tx.insert(invoiceLines).values({
      ...{ invoiceId: id, position: 0, tariffVersionId: versions, description: 'Posts in a breach' },
      ...{ fromAt: new Date('2026-02-27T11:02:00Z'), toAt: new Date('2026-02-28T10:40:00Z') },
      ...{ posts: 1_000_001, priceMinor: 1_500_000n, block: 1_000_000, rounding: 'prorated' },
      ...{ amountMinor: 1_500_002n },
    });
    await tx
      .update(invoices)
      .set({
        ...{ status: 'issued', number, issuedAt, updatedAt: issuedAt },
        ...{ sellerId: 'default', document },
      })
      .where(sql`id = ${id}`);
    await tx.insert(entries).values({
      ...{ invoiceId: id, kind: 'charge', amountMinor: 1_500_002n, effectiveOn: document.issuedOn },
      ...{ at: issuedAt, actor: 'finance' },
    });
  });
  return id;
}

/** Prints its input as JSON. `template` is the version of its text. */
export function jsonPress(template = 1): DocumentPress {
  const text = (value: unknown) =>
    JSON.stringify(value, (_key, one) => (typeof one === 'bigint' ? String(one) : one));
  return {
    template,
    pdf: async (input) => new TextEncoder().encode(`%PDF ${template} ${text(input)}`),
    eInvoice: async (format, { document }) => `<${format}>${document.displayNumber}</${format}>`,
  };
}
