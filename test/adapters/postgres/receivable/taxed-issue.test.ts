/** The issue of taxed invoices: document, tax of corrections, and what enters the book, on both databases. */

import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../../../src/adapters/postgres/connection/db.ts';
import { postgresSellers } from '../../../../src/adapters/postgres/seller/books.ts';
import { DEFAULT_SETTINGS } from '../../../../src/seller/defaults.ts';
import { DEFAULT_SELLER } from '../../../../src/seller/model.ts';
import { taxOf } from '../../../../src/seller/tax.ts';
import type { Tariff } from '../../../../src/tariff/tariff.ts';
import { completeSeller, SELLER_PARTY, TEST_TAX_RULE } from '../../../support/sellers.ts';
import { LedgerAtWork, minute, SMALL, usageAt } from '../../../verify/tampered-ledger.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const RATE_BP = 1937;

describe.each(LEDGER_KINDS)('on %s', (kind) => {
  let empty: EmptyLedger;
  let work: LedgerAtWork;

  beforeAll(async () => {
    empty = await emptyLedger(kind, 'taxed-issue');
    const { db } = empty.ledger;
    work = new LedgerAtWork(db, false);
    await completeSeller(db);
    const sellers = postgresSellers(db);
    const who = { actor: 'admin', atMs: minute(0) };
    const settings = { ...DEFAULT_SETTINGS, ...SELLER_PARTY, country: 'DE', vatId: 'DE123456789' };
    await sellers.changeSeller(DEFAULT_SELLER, () => settings, who);
    const taxed = { category: 'S', rateBp: RATE_BP, exemptionCode: null, reason: {} } as const;
    const id = '00000000-0000-7000-8000-00000000000a';
    await sellers.addTaxRule({ ...TEST_TAX_RULE, ...taxed, id, validFromMs: 1 }, who);
    await work.client('acme', SMALL);
    await work.take('gateway-1', [usageAt('acme', 0, 333)]);
    await work.bill(minute(100));
    await work.issue('acme', minute(101));
    await work.take('gateway-1', [usageAt('acme', 1, 7)]);
    await work.bill(minute(102));
    await work.issue('acme', minute(103));
    await work.tariff('acme', { ...SMALL, priceMinor: 41n } as Tariff, minute(-1000), minute(104));
    await work.bill(minute(105));
    await work.issue('acme', minute(106));
  });
  afterAll(() => empty.drop());

  it('taxes what remains, and pays off the corrected invoice first', async () => {
    const rows = await rowsOf(
      empty.ledger.db,
      sql`select i.kind, i.amount_minor::text as net, i.tax_minor::text as tax, r.balance_minor::text as balance,
            r.credited_minor::text as credited, i.document->'taxRule'->>'category' as category,
            i.document->'corrects'->>'displayNumber' as corrects,
            (select count(*)::int from entries e where e.invoice_id = i.id and e.kind = 'charge') as charges
          from invoices i left join receivables r on r.invoice_id = i.id order by i.number`,
    );
    expect(rows.map(({ kind: of }) => of)).toEqual(['invoice', 'supplement', 'credit_note']);
    expect(rows.map(({ charges }) => charges)).toEqual([1, 1, 0]);
    expect(rows.map(({ corrects }) => corrects)).toEqual([null, '1', '2']);
    expect(new Set(rows.map(({ category }) => category))).toEqual(new Set(['S']));
    const sum = (name: string) => rows.reduce((total, row) => total + BigInt(String(row[name] ?? 0)), 0n);
    expect(sum('tax')).toBe(taxOf(sum('net'), RATE_BP));
    expect(sum('tax')).toBeGreaterThan(0n);
    expect(sum('balance')).toBe(sum('net') + sum('tax'));
    // The credit exceeds the supplement, so the rest pays off the invoice.
    const [invoice, supplement, note] = rows;
    expect(supplement!.balance).toBe('0');
    expect(BigInt(String(invoice!.credited)) + BigInt(String(supplement!.credited))).toBe(
      -(BigInt(String(note!.net)) + BigInt(String(note!.tax))),
    );
  });

  it('leaves a ledger that verifies', async () => {
    expect((await work.verify()).findings).toEqual([]);
  });

  it('refuses an invoice without a seller that has an address, and draws no number', async () => {
    const { db } = empty.ledger;
    await work.client('other', SMALL);
    await work.take('gateway-1', [usageAt('other', 0, 333)]);
    await work.bill(minute(107));
    const who = { actor: 'admin', atMs: minute(108) };
    await postgresSellers(db).changeSeller(
      DEFAULT_SELLER,
      () => ({ ...DEFAULT_SETTINGS, legalName: 'A' }),
      who,
    );
    await expect(work.issue('other', minute(109))).rejects.toThrow(/seller_incomplete.*no address, country/);
    const [counter] = await rowsOf(db, sql`select last::int from invoice_numbers where series = 'invoices'`);
    expect(counter).toEqual({ last: 3 });
  });
});
