/** The default seller with what an invoice must name, for tests that issue. */

import type { LedgerDb } from '../../src/adapters/postgres/connection/db.ts';
import { openPostgres } from '../../src/adapters/postgres/connection/open.ts';
import { postgresSellers } from '../../src/adapters/postgres/seller/books.ts';
import type { IssuingFacts, IssuingSeller } from '../../src/invoice/issuing/facts.ts';
import { DEFAULT_SETTINGS } from '../../src/seller/defaults.ts';
import { DEFAULT_SELLER, DEFAULT_SERIES, type Party, type TaxRule } from '../../src/seller/model.ts';

const EMPTY_PARTY: Party = {
  ...{ legalName: null, address: null, street: null, street2: null, postcode: null, city: null },
  ...{ region: null, country: null, email: null, phone: null, contact: null, vatId: null, taxId: null },
  ...{ register: null, registerId: null, electronicAddress: null, electronicScheme: null },
};

/** The parts of the default seller that the migration leaves empty. */
export const SELLER_PARTY = {
  legalName: 'Example Social, Inc.',
  street: '500 Market Street',
  postcode: '94105',
  city: 'San Francisco',
  region: 'CA',
  country: 'US',
} as const;

/** As the migration makes it. */
export const TEST_TAX_RULE: TaxRule = {
  ...{ id: '00000000-0000-7000-8000-000000000001', sellerId: DEFAULT_SELLER },
  appliesTo: 'damages',
  buyerScope: 'any',
  category: 'O',
  ...{ rateBp: 0, exemptionCode: 'VATEX-EU-O', validFromMs: 0 },
  reason: { en: 'Liquidated damages are not consideration for a supply.' },
};

const LICENCE_RULE: TaxRule = {
  ...TEST_TAX_RULE,
  ...{ id: '00000000-0000-7000-8000-000000000002', appliesTo: 'licence' },
};

export const TEST_SELLER: IssuingSeller = {
  ...EMPTY_PARTY,
  ...SELLER_PARTY,
  id: DEFAULT_SELLER,
  defaultLanguage: 'en',
  ...{ termsDays: 30, texts: {}, clauseFamily: 'x', isStrict: false, logoHash: null, archivedAtMs: null },
};

/** What issue reads of a ledger with one seller. Licences are not taxed. */
export const TEST_SELLER_FACTS: IssuingFacts = {
  seller: TEST_SELLER,
  banks: [],
  series: [
    {
      ...{ series: DEFAULT_SERIES, sellerId: DEFAULT_SELLER, prefix: '', width: 0, isYearly: false },
      ...{ kinds: ['invoice', 'supplement', 'credit_note'], archivedAtMs: null },
    },
  ],
  taxRules: [TEST_TAX_RULE, LICENCE_RULE],
  clauses: [],
  buyer: {
    ...{ street: null, street2: null, postcode: null, city: null, region: null, country: null },
    ...{ buyerReference: null, orderNumber: null, electronicAddress: null, electronicScheme: null },
    ...{ language: null, termsDays: null, eInvoice: 'none', sellerId: null },
  },
  coDebtors: [],
  corrected: null,
  issuedNetMinor: 0n,
};

/** Completes the default seller as an administrator does, and gives it a tax rule for licences. */
export async function completeSeller(db: LedgerDb): Promise<void> {
  const who = { actor: 'test', atMs: Date.UTC(2026, 0) };
  const store = postgresSellers(db);
  await store.changeSeller(DEFAULT_SELLER, () => ({ ...DEFAULT_SETTINGS, ...SELLER_PARTY }), who);
  await store.addTaxRule(LICENCE_RULE, who);
}

/** The same for a migrated ledger on a server. */
export async function completeSellerAt(url: string): Promise<void> {
  const ledger = await openPostgres(url);
  try {
    await completeSeller(ledger.db);
  } finally {
    await ledger.close();
  }
}
