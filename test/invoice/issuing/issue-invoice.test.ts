import { describe, expect, it } from 'vitest';
import { UNDOCUMENTED } from '../../../src/invoice/document.ts';
import type { IssuingFacts } from '../../../src/invoice/issuing/facts.ts';
import { issueInvoice } from '../../../src/invoice/issuing/issue-invoice.ts';
import type { Invoice } from '../../../src/invoice/model.ts';
import type { BillingRules, InvoiceTransaction, LockedInvoice } from '../../../src/invoice/port.ts';
import { type NumberRegister, type RegisteredNumber, register } from '../../../src/invoice/register.ts';
import type { UsageAsOf } from '../../../src/invoice/seal.ts';
import { FOUR_EYES } from '../../../src/proposal/four-eyes.ts';
import { TEST_SELLER_FACTS } from '../../support/sellers.ts';

const RULES: BillingRules = { bucketSeconds: 60, latenessMs: 0, approval: 'automatic', fourEyes: FOUR_EYES };
const AS_OF: UsageAsOf = {
  ...{ journals: {}, chains: '', lastMove: 0, fromMs: 0, toMs: 0, bucketSeconds: 60 },
  ...{ tariffVersionIds: [], repeats: [] },
};
const NOW_MS = Date.UTC(2026, 2, 1);

const invoice: Invoice = {
  ...{ id: 'i', number: null, kind: 'invoice', status: 'draft', clientId: 'acme', breachId: 'b' },
  ...{ monthMs: null, correctsId: null, currency: 'USD', amountMinor: 1n, lines: [], billTo: null },
  ...{
    approvedBy: null,
    approvedAtMs: null,
    issuedAtMs: null,
    rejection: null,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...UNDOCUMENTED,
  },
};
const found: LockedInvoice = {
  invoice,
  breach: null,
  details: {
    legalName: 'Acme',
    address: '1 Main Street',
    email: 'a@example.com',
    taxId: null,
    currency: 'USD',
  },
  hold: null,
  dirtyFromMs: null,
};

/** A ledger with one draft. `steps` records the order in which the ledger and the register change. */
function rig(
  changes: Partial<LockedInvoice>,
  given: readonly number[] = [],
  failing?: 'commit' | 'register',
  facts: IssuingFacts = TEST_SELLER_FACTS,
) {
  const steps: string[] = [];
  const numbers = new Map<string, Map<number, RegisteredNumber>>();
  for (const number of given) {
    register(numbers, {
      ...{ series: 'invoices', number, invoiceId: 'x', contentHash: null, issuedAtMs: 0, isGiven: true },
    });
  }
  const tx: InvoiceTransaction = {
    lockInvoice: async (id) => (id === 'i' ? { ...found, ...changes } : null),
    tariffs: async () => [],
    issuing: async () => facts,
    tokens: async () => [],
    basis: async () => ({
      readings: [],
      seal: () => ({ contentHash: 'hash', usageHash: '', usageAsOf: AS_OF, unique: null }),
    }),
    lockLastNumber: async () => 6,
    save: async () => {},
    saveIssued: async ({ after }) => {
      steps.push(`saved as ${after.number}`);
    },
  };
  const kept: NumberRegister = {
    read: async () => numbers,
    write: async ([entry]) => {
      if (failing === 'register' && entry!.isGiven) throw new Error('the disk is full');
      steps.push(`registered ${entry!.number} ${entry!.contentHash} ${entry!.isGiven ? 'given' : 'drawn'}`);
    },
  };
  const ledger = {
    transaction: async <T>(work: (tx: InvoiceTransaction) => Promise<T>) => {
      const result = await work(tx);
      if (failing === 'commit') throw new Error('the connection broke');
      steps.push('ended');
      return result;
    },
  };
  return {
    steps,
    issue: (id = 'i') => issueInvoice(ledger, RULES, kept, id, { actor: 'finance', tokenId: null }, NOW_MS),
  };
}

describe('issuing an invoice', () => {
  it('registers the number before the transaction commits, and marks it as given afterwards', async () => {
    const { steps, issue } = rig({});
    expect(await issue()).toMatchObject({
      kind: 'issued',
      number: 7,
      invoice: { number: 7, status: 'issued', issuedAtMs: NOW_MS, billTo: { legalName: 'Acme' } },
    });
    expect(steps).toEqual(['saved as 7', 'registered 7 hash drawn', 'ended', 'registered 7 hash given']);
  });

  it('leaves the number as reserved in the register if the transaction fails', async () => {
    const { steps, issue } = rig({}, [], 'commit');
    await expect(issue()).rejects.toThrow('the connection broke');
    expect(steps).toEqual(['saved as 7', 'registered 7 hash drawn']);
  });

  it('succeeds even if the register cannot be written afterwards', async () => {
    expect(await rig({}, [], 'register').issue()).toMatchObject({ kind: 'issued', number: 7 });
  });

  it.each([
    ['an unknown invoice', 'other', {}, [], 'not_found'],
    [
      'the invoice of a client on hold',
      'i',
      { hold: { clientId: 'acme', code: 'operator', reason: 'a dispute' } },
      [],
      'on_hold',
    ],
    ['a void invoice', 'i', { invoice: { ...invoice, status: 'void' } }, [], 'void'],
    [
      'an invoice without an addressee',
      'i',
      { details: { ...found.details, email: '' } },
      [],
      'billing_details_missing',
    ],
    [
      'a licence whose month has changed',
      'i',
      { invoice: { ...invoice, monthMs: 0 }, dirtyFromMs: 0 },
      [],
      'not_closed',
    ],
    ['a number that was given before a restore', 'i', {}, [9], 'number_given'],
  ] as const)('rejects %s and writes nothing', async (_what, id, changes, given, kind) => {
    const { steps, issue } = rig(changes, given);
    expect(await issue(id)).toMatchObject({ kind });
    expect(steps).toEqual(['ended']);
  });

  it('refuses what the e-invoice of the client lacks, before a number is drawn', async () => {
    const buyer = { ...TEST_SELLER_FACTS.buyer, country: 'DE', eInvoice: 'xrechnung-ubl' } as const;
    const { issue, steps } = rig({}, [], undefined, { ...TEST_SELLER_FACTS, buyer });
    expect(await issue()).toMatchObject({
      ...{ kind: 'document_refused', code: 'e_invoice_data_missing' },
      hint: expect.stringMatching(/^complete the (seller|client) before the invoice is issued$/),
    });
    expect(steps).toEqual(['ended']);
  });
});
