import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { addClients, issued } from '../adapters/postgres/receivable/issued.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const PAYMENT = { clientId: 'globex', receivedOn: '2026-04-02', amount: '150.00', currency: 'USD' };

describe.each(LEDGER_KINDS)('payments over %s', (kind) => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-payments');
    rig.nowMs = Date.UTC(2026, 3, 10, 9);
    await addClients(rig.db, 'globex', 'initech', 'hooli');
  });
  afterAll(() => rig.close());
  const post = (path: string, json: unknown) => rig.call('POST', path, { json });
  const errorOf = (answer: { json: { code: string; errors: { field: string }[] } }) => [
    answer.json.code,
    ...answer.json.errors.map(({ field }) => field),
  ];

  test('are recorded, allocated as proposed, reversed and refunded, each with an audit row', async () => {
    const [second, first] = [
      await issued(rig.db, 10_000n, { on: '2026-03-20' }),
      await issued(rig.db, 8000n, { on: '2026-03-01' }),
    ];
    const recorded = await post('/v1/payments', { ...PAYMENT, payer: 'Globex BV', reference: 'RF1' });
    expect(recorded.status).toBe(201);
    const { id } = recorded.json;
    expect(recorded.json).toMatchObject({
      ...{ ...PAYMENT, sellerId: 'default', source: 'hand', actor: 'ADMIN_TOKEN' },
      ...{ allocated: '0.00', refunded: '0.00', left: '150.00', entries: [], refunds: [] },
      proposal: [
        { invoiceId: first, dueOn: '2026-03-31', balance: '80.00', amount: '80.00' },
        { invoiceId: second, dueOn: '2026-04-19', balance: '100.00', amount: '70.00' },
      ],
    });
    const allocations = [{ invoiceId: first, amount: '80.00' }];
    const allocated = await post(`/v1/payments/${id}/allocations`, { allocations });
    expect(allocated.json).toMatchObject({
      ...{ allocated: '80.00', left: '70.00' },
      entries: [{ invoiceId: first, kind: 'payment', amount: '-80.00', effectiveOn: '2026-04-02' }],
    });
    const entryId = allocated.json.entries[0].id;
    const reversed = await post(`/v1/entries/${entryId}/reverse`, { reason: 'charged back' });
    expect(reversed.json).toMatchObject({ kind: 'reversal', amount: '80.00', effectiveOn: '2026-04-10' });
    expect(errorOf(await post(`/v1/entries/${entryId}/reverse`, { reason: 'again' }))).toEqual([
      'already_reversed',
      'entryId',
    ]);
    const refunded = await post(`/v1/payments/${id}/refunds`, { amount: '150.00', reason: 'charged back' });
    expect(refunded.json).toMatchObject({
      left: '0.00',
      refunds: [{ amount: '150.00', paidOn: '2026-04-10' }],
    });
    expect((await rig.call('GET', `/v1/invoices/${first}/entries`)).json.items).toMatchObject([
      { kind: 'charge', amount: '80.00' },
      { kind: 'payment', reversedById: reversed.json.id },
      { kind: 'reversal', reversesId: entryId, reason: 'charged back' },
    ]);
    const { json } = await rig.call('GET', '/v1/audit?limit=4');
    expect(json.items.map(({ action }: { action: string }) => action)).toEqual([
      ...['payment.refunded', 'entry.reversed', 'payment.allocated', 'payment.recorded'],
    ]);
    const csv = await rig.call('GET', '/v1/payments?format=csv&bom=0&q=globex');
    expect(csv.text.split('\r\n')[1]).toMatch(
      /^2026-04-02,Globex BV,globex,RF1,USD,150\.00,0\.00,150\.00,0\.00,/,
    );
  });

  test('are recorded once for each source and external id', async () => {
    const payment = { ...PAYMENT, source: 'bank', externalId: 'tx 1' };
    const { json } = await post('/v1/payments', payment);
    const again = await post('/v1/payments', payment);
    expect([again.status, again.json.id]).toEqual([200, json.id]);
    const other = await post('/v1/payments', { ...payment, amount: '151.00' });
    expect([other.status, ...errorOf(other)]).toEqual([409, 'payment_differs', 'externalId']);
  });

  test('that cannot be are refused with the field, and change nothing', async () => {
    const invoiceId = await issued(rig.db, 5000n, { clientId: 'hooli' });
    const { json } = await post('/v1/payments', { ...PAYMENT, clientId: 'hooli' });
    const allocate = (amount: string, to = invoiceId) =>
      post(`/v1/payments/${json.id}/allocations`, { allocations: [{ invoiceId: to, amount }] });
    expect(errorOf(await allocate('50.01'))).toEqual(['exceeds_owed', 'allocations.0.amount']);
    expect((await allocate('50.01')).json.errors[0]).toMatchObject({
      reason: 'is more than the 50.00 USD that is owed on the invoice',
      hint: 'allocate at most 50.00 USD',
    });
    expect(errorOf(await allocate('0.001'))).toEqual(['invalid_request', 'allocations.0.amount']);
    expect(errorOf(await allocate('0.00'))).toEqual(['invalid_request', 'allocations.0.amount']);
    expect(errorOf(await allocate('1.00', json.id))).toEqual(['not_found', 'allocations.0.invoiceId']);
    const euros = await issued(rig.db, 5000n, { clientId: 'hooli', currency: 'EUR' });
    expect(errorOf(await allocate('1.00', euros))).toEqual(['other_currency', 'allocations.0.invoiceId']);
    expect(errorOf(await post('/v1/payments', { ...PAYMENT, receivedOn: '2026-04-11' }))).toEqual([
      'invalid_request',
      'receivedOn',
    ]);
    expect(errorOf(await post('/v1/payments', { ...PAYMENT, clientId: 'nobody' }))).toEqual([
      'not_found',
      'clientId',
    ]);
    expect(errorOf(await post('/v1/payments', { ...PAYMENT, amount: '-1.00' }))).toEqual([
      'invalid_request',
      'amount',
    ]);
    expect((await rig.call('GET', `/v1/payments/${json.id}`)).json).toMatchObject({
      left: '150.00',
      entries: [],
    });
  });

  test('credit notes are allocated and paid out, up to what is left of them', async () => {
    const facts = { clientId: 'initech' };
    const first = await issued(rig.db, 1000n, facts);
    const note = await issued(rig.db, -3000n, facts, first);
    const second = await issued(rig.db, 1500n, facts);
    const allocations = [{ invoiceId: second, amount: '15.00' }];
    const allocated = await post(`/v1/credit-notes/${note}/allocations`, { allocations });
    expect(allocated.json.items).toMatchObject([{ kind: 'credit', amount: '-15.00', creditNoteId: note }]);
    const path = `/v1/credit-notes/${note}/refunds`;
    expect(errorOf(await post(path, { amount: '5.01', reason: 'x' }))).toEqual(['exceeds_left', 'amount']);
    expect((await post(path, { amount: '5.00', reason: 'paid twice' })).json).toMatchObject({
      creditNoteId: note,
    });
    const statement = await rig.call('GET', '/v1/clients/initech/statement?from=2026-03-01&to=2026-04-10');
    expect(statement.json).toMatchObject({
      ...{ currency: 'USD', opening: '0.00', closing: '0.00' },
      rows: [
        { kind: 'invoice', amount: '10.00', dueOn: '2026-03-31' },
        { kind: 'invoice', amount: '15.00' },
        { kind: 'credit_note', amount: '-30.00', dueOn: null },
        { kind: 'refund', amount: '5.00', balance: '0.00' },
      ],
    });
    const csv = await rig.call('GET', '/v1/clients/initech/statement?format=csv&bom=0&from=2026-04-01');
    expect(csv.text.split('\r\n').slice(1, 4)).toEqual([
      '2026-04-01,opening,,,,USD,,-5.00',
      '2026-04-10,refund,,paid twice,,USD,5.00,0.00',
      '2026-04-10,closing,,,,USD,,0.00',
    ]);
    expect((await rig.call('GET', '/v1/clients/initech/balances')).json.items).toEqual([]);
  });

  test('are imported from a CSV file once: sure rows at once, the others when they are confirmed', async () => {
    await addClients(rig.db, 'umbrella');
    const invoiceId = await issued(rig.db, 7777n, { clientId: 'umbrella' });
    const csv = [
      'id,date,name,text,amount',
      '1,04/02/2026,Umbrella BV,a part,"1,000.00"',
      '2,04/03/2026,unknown,unknown,5.00',
      '3,04/03/2026,us,rent,-900.00',
    ].join('\n');
    const mapping = {
      receivedOn: 'date',
      amount: 'amount',
      payer: 'name',
      reference: 'text',
      externalId: 'id',
    };
    const file = { csv, mapping: { ...mapping, dateFormat: 'MM/DD/YYYY' }, source: 'bank usd' };
    const preview = await post('/v1/payments/import', file);
    expect(preview.json).toMatchObject({
      ...{ dryRun: true, rows: 2, ignored: 1, recorded: 0, repeated: 0, left: 2 },
      items: [
        {
          ...{ row: 1, receivedOn: '2026-04-02', amount: '1000.00', certainty: 'likely', by: 'payer' },
          ...{ clientId: 'umbrella', allocations: [{ invoiceId, amount: '77.77' }], outcome: 'left' },
        },
        { row: 2, certainty: 'unknown', by: 'none', clientId: null, allocations: [], outcome: 'left' },
      ],
    });
    const confirmed = { ...file, dryRun: false, confirm: [1] };
    const { json } = await post('/v1/payments/import', confirmed);
    expect(json).toMatchObject({ recorded: 1, left: 1 });
    expect((await rig.call('GET', `/v1/payments/${json.items[0].paymentId}`)).json).toMatchObject({
      ...{ source: 'bank usd', externalId: '1', allocated: '77.77', left: '922.23' },
    });
    expect((await post('/v1/payments/import', confirmed)).json).toMatchObject({
      recorded: 0,
      repeated: 1,
      left: 1,
    });
    const broken = await post('/v1/payments/import', { ...file, mapping });
    expect(errorOf(broken)).toEqual(['invalid_request', 'row 1', 'row 2', 'row 3']);
    expect(errorOf(await post('/v1/payments/import', { ...file, source: 'hand' }))).toContain('source');
  });
});
