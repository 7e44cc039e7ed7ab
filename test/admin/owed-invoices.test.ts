/** What is owed, in the list, the sums and the CSV of invoices. */

import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresPayments } from '../../src/adapters/postgres/receivable/books.ts';
import { disputes } from '../../src/adapters/postgres/receivable/tables.ts';
import { writeEntries } from '../../src/adapters/postgres/receivable/write.ts';
import { RECEIVABLE_LABELS } from '../../src/receivable/label.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { addClients, issued } from '../adapters/postgres/receivable/issued.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const WHO = { actor: 'Ada', atMs: Date.UTC(2026, 3, 10) };

describe.each(LEDGER_KINDS)('what is owed over %s', (kind) => {
  let rig: ApiRig;
  /** The id of an invoice with each label. */
  const ids = new Map<string, string>();
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-owed');
    rig.nowMs = Date.UTC(2026, 3, 10);
    const { db } = rig;
    await addClients(db, 'globex');
    const books = postgresPayments(db);
    const pay = async (invoiceId: string, amountMinor: bigint) => {
      const none = { payer: null, reference: null, method: null, externalId: null, note: null };
      const money = { sellerId: 'default', clientId: 'globex', receivedOn: '2026-04-01', currency: 'USD' };
      const payment = { id: uuidv7(), ...money, amountMinor, ...none, source: 'hand' };
      await books.record(payment, [{ invoiceId, amountMinor }], WHO);
    };
    const recent = { on: '2026-04-01' };
    ids.set('open', await issued(db, 1000n, recent));
    ids.set('part_paid', await issued(db, 2000n, recent));
    ids.set('overdue', await issued(db, 3000n, { on: '2026-01-01' }));
    ids.set('disputed', await issued(db, 4000n, { on: '2026-02-01' }));
    ids.set('paid', await issued(db, 5000n));
    ids.set('credited', await issued(db, 6000n));
    ids.set('uncollectible', await issued(db, 7000n));
    await pay(ids.get('part_paid')!, 500n);
    await pay(ids.get('paid')!, 5000n);
    await issued(db, -6000n, recent, ids.get('credited')!);
    const none = { paymentId: null, creditNoteId: null, reversesId: null, reason: 'insolvent' };
    const writeOff = {
      invoiceId: ids.get('uncollectible')!,
      kind: 'write_off' as const,
      amountMinor: -7000n,
    };
    await writeEntries(db, [{ ...writeOff, ...none, effectiveOn: '2026-04-02', ...WHO }]);
    await db.insert(disputes).values({
      ...{ id: uuidv7(), invoiceId: ids.get('disputed')!, openedAt: new Date(WHO.atMs), openedBy: 'Ada' },
      ...{ ground: 'counting', text: 'x', disputedMinor: 4000n },
    });
  });
  afterAll(() => rig.close());
  const idsOf = async (query: string): Promise<string[]> => {
    const { json } = await rig.call('GET', `/v1/invoices?${query}`);
    return json.items.map(({ id }: { id: string }) => id);
  };

  test('is in the list, with a label that the filter selects alike', async () => {
    for (const label of RECEIVABLE_LABELS) {
      const { json } = await rig.call('GET', `/v1/invoices?label=${label}`);
      expect(json.items).toMatchObject([{ id: ids.get(label), label, disputed: label === 'disputed' }]);
    }
    const { json } = await rig.call('GET', `/v1/invoices/${ids.get('overdue')}`);
    expect(json).toMatchObject({ payable: '30.00', balance: '30.00', dueOn: '2026-01-31', overdueDays: 69 });
    const notes = await rig.call('GET', '/v1/invoices?kind=credit_note');
    expect(notes.json.items).toMatchObject([{ payable: null, balance: null, label: null, disputed: false }]);
  });

  test('is filtered by due date and open amount, and sorted by both, page by page', async () => {
    expect(await idsOf('dueFrom=2026-01-31&dueTo=2026-01-31')).toEqual([ids.get('overdue')]);
    expect(await idsOf('openFrom=15.00&openTo=15.00&currency=USD')).toEqual([ids.get('part_paid')]);
    expect((await rig.call('GET', '/v1/invoices?openFrom=1')).json.errors[0].field).toBe('openFrom');
    for (const sort of ['due', '-due', 'open', '-open']) {
      const whole = await idsOf(`sort=${sort}`);
      expect(whole).toHaveLength(8);
      const [first] = whole;
      expect(first).toBe(
        sort === 'due' ? ids.get('overdue') : sort === '-open' ? ids.get('disputed') : first,
      );
      const pages: string[] = [];
      for (let next: string | null = ''; next !== null; ) {
        const cursor: string = next === '' ? '' : `&cursor=${next}`;
        const { json } = await rig.call('GET', `/v1/invoices?limit=3&sort=${sort}${cursor}`);
        pages.push(...json.items.map(({ id }: { id: string }) => id));
        next = json.next;
      }
      expect(pages).toEqual(whole);
    }
  });

  test('is summed by label and by age, disputed amounts apart', async () => {
    const { json } = await rig.call('GET', '/v1/invoices/sums?label=paid');
    const open = json.receivables.map((sum: { label: string; open: string; invoices: number }) => [
      ...[sum.label, sum.invoices, sum.open],
    ]);
    expect(open).toEqual([
      ['credited', 1, '0.00'],
      ['disputed', 1, '40.00'],
      ['open', 1, '10.00'],
      ['overdue', 1, '30.00'],
      ['paid', 1, '0.00'],
      ['part_paid', 1, '15.00'],
      ['uncollectible', 1, '0.00'],
    ]);
    expect(json.ageing).toEqual([
      {
        ...{ currency: 'USD', not_due: '25.00', days_1_30: '0.00', days_31_60: '0.00' },
        ...{ days_61_90: '30.00', over_90: '0.00', disputed: '40.00', total: '95.00' },
      },
    ]);
    const csv = (await rig.call('GET', '/v1/invoices?format=csv&bom=0&label=part_paid')).text;
    expect(csv).toContain(',20.00,15.00,2026-05-01,part_paid,0,');
  });
});
