/** The pages of payments, of an account, and of what is owed. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { addClients, issued } from '../adapters/postgres/receivable/issued.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

const PAYMENT = {
  receivedOn: '2026-04-02',
  amount: '100.00',
  currency: 'USD',
  clientId: 'globex',
  payer: '<b>G',
};

let rig: ApiRig;
let visitor: ConsoleVisitor;
let viewer: ConsoleVisitor;
let overdue: string;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-payment-pages');
  rig.nowMs = Date.UTC(2026, 3, 12);
  await addClients(rig.db, 'globex');
  overdue = await issued(rig.db, 15_002n, { on: '2026-03-01' });
  visitor = await signIn(rig);
  viewer = await signIn(rig, await rig.tokenWith('viewer'));
});
afterAll(() => rig.close());

test('a payment is recorded once, allocated as proposed, reversed and refunded by forms', async () => {
  const list = await visitor.get('/payments');
  const externalId = /name="externalId" value="([^"]+)"/.exec(list.text)![1]!;
  const wrong = await visitor.post('/payments', { ...PAYMENT, externalId, amount: 'x' });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('field-amount-error');
  expect(wrong.text).toContain(`value="${externalId}"`);
  const recorded = await visitor.post('/payments', { ...PAYMENT, externalId });
  expect((await visitor.post('/payments', { ...PAYMENT, externalId })).location).toBe(recorded.location);
  const path = recorded.location!.split('?')[0]!;
  const page = await visitor.get(recorded.location!);
  expect(page.text).toContain('The payment is recorded.');
  expect(page.text).toContain('&lt;b&gt;G');
  expect(page.text).toMatch(new RegExp(`name="to-${overdue}"[^>]*value="100.00"`));

  const tooMuch = await visitor.post(path, { action: 'allocate', [`to-${overdue}`]: '100.01' });
  expect([tooMuch.status, tooMuch.text.includes('100.00 USD is left of the payment')]).toEqual([409, true]);
  const allocated = await visitor.post(path, { action: 'allocate', [`to-${overdue}`]: '100.00' });
  expect(allocated.location).toBe(`${path}?done=allocated`);
  const [entryId] = /<option value="(\d+)"/.exec((await visitor.get(path)).text)!.slice(1);
  const reversed = await visitor.post(path, { action: 'reverse', entryId: entryId!, reason: 'charged back' });
  expect(reversed.location).toBe(`${path}?done=reversed`);
  const refunded = await visitor.post(path, { action: 'refund', amount: '100.00', reason: 'charged back' });
  expect(refunded.location).toBe(`${path}?done=refunded`);
  expect((await visitor.get(path)).text).not.toContain('name="action"');
});

test('a viewer sees payments and no form that changes them', async () => {
  const list = await viewer.get('/payments');
  expect(list.status).toBe(200);
  expect(list.text).not.toContain('POST /v1/payments');
  expect((await viewer.get('/payments/import')).text).toContain('Imports need the role finance');
  expect((await viewer.post('/payments', PAYMENT)).status).toBe(403);
});

test('an import shows what each row pays before it records the chosen ones', async () => {
  const fields = {
    ...{
      csv: 'Tag;Betrag;Name\n03.04.2026;50,02;globex BV\n',
      source: 'bank',
      receivedOn: 'Tag',
      amount: 'Betrag',
    },
    ...{ payer: 'Name', delimiter: ';', decimal: ',', dateFormat: 'DD.MM.YYYY', defaultCurrency: 'USD' },
  };
  const preview = await visitor.post('/payments/import', fields);
  expect(preview.text).toContain('0 sure, 1 likely, 0 unknown');
  expect(preview.text).toContain('likely: payer');
  expect((await rig.call('GET', '/v1/payments?q=globex+BV')).json.items).toEqual([]);
  const stored = await visitor.post('/payments/import', { ...fields, step: 'record', row: '1' });
  expect(stored.text).toContain('1 recorded, 0 recorded before, 0 left.');
  expect((await visitor.post('/payments/import', fields)).text).toContain('1 recorded before');
  const wrong = await visitor.post('/payments/import', { ...fields, decimal: '.' });
  expect(wrong.status).toBe(400);
});

test('the list of invoices has tabs, ages and balances, and the account of the client closes', async () => {
  const list = await visitor.get('/invoices?label=overdue');
  expect(list.text).toMatch(/Overdue <data class="count" value="1"/);
  expect(list.text).toContain('overdue 12 d');
  expect(list.text).toContain('1 to 30 days');
  expect(list.text).toContain(overdue);
  expect((await visitor.get('/invoices?label=paid')).text).toContain('No invoice has this label');
  const statement = await visitor.get('/clients/globex/statement');
  expect(statement.text).toContain('Closing, 2026-04-12');
  expect(statement.text).toContain('/v1/clients/globex/statement?format=csv');
  const client = await visitor.get('/clients/globex');
  expect(client.text).toContain('Balance, USD');
  expect(client.text).toContain('href="/clients/globex/statement"');
});
