/** The pages of invoices and routes without script: tabs and sums, decisions with confirmation, one invoice, a probe. */

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Origin } from '../support/origins/listening.ts';
import { startScriptedOrigin } from '../support/origins/scripted.ts';
import { fillLedger, type LedgerAtWork, minute, SMALL, usageAt } from '../verify/tampered-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

// A ledger with many transactions, which takes this long only on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const NASTY = '<script>alert(1)</script> "onload=x \u202e end';
let rig: ApiRig;
let work: LedgerAtWork;
let platform: Origin;
let finance: ConsoleVisitor;
let viewer: ConsoleVisitor;
const idOf = async (query: string): Promise<string> =>
  (await rig.call('GET', `/v1/invoices?${query}`)).json.items[0].id;

beforeAll(async () => {
  rig = await apiRig('pglite', 'invoice-pages');
  work = await fillLedger(rig.db);
  await work.client('growing', SMALL);
  await work.take('gateway-1', [usageAt('growing', 100_000, 500)]);
  rig.nowMs = minute(100_001);
  await work.bill(rig.nowMs);
  await rig.call('PATCH', '/v1/clients/drafted', { json: { name: NASTY, billing: { legalName: NASTY } } });
  platform = await startScriptedOrigin((url, response) => {
    const json = { 'content-type': 'application/json' };
    response.writeHead(url.pathname === '/posts' ? 200 : 404, json).end('{"data":[{},{}]}');
  });
  rig.upstreamUrl = platform.url;
  finance = await signIn(rig, await rig.tokenWith('finance'));
  viewer = await signIn(rig, await rig.tokenWith('viewer'));
});
afterAll(async () => {
  await platform.stop();
  await rig.close();
});

test('the list has tabs with counts, sums, and what the filter selects', async () => {
  const { status, text } = await finance.get('/invoices');
  expect(status).toBe(200);
  expect(text).toContain('Credit note 3');
  expect(text).toContain('so far');
  expect(text).not.toContain(NASTY);
  const { items } = (await rig.call('GET', '/v1/invoices/sums')).json;
  for (const [at, sum] of items.entries()) {
    expect(text).toContain(`value="${sum.amount}" data-api="/v1/invoices/sums#/items/${at}/amount"`);
  }
  const one = await finance.get('/invoices?q=drafted&state=to_approve&sort=-amount');
  expect(one.text.match(/<tr id="row-/g)).toHaveLength(1);
  expect(one.text).toContain('Approve selected');
  expect((await viewer.get('/invoices?state=to_approve')).text).not.toContain('Approve selected');
  expect((await finance.get('/invoices?q=nobody')).text).toContain('No invoices');
  expect((await finance.get('/invoices?amountFrom=1')).status).toBe(400);
});

test('one invoice is confirmed, approved and issued, and then shows its number', async () => {
  const id = await idOf('state=to_approve&client=drafted');
  const before = await finance.get(`/invoices/${id}`);
  expect(before.text).toContain('the invoice is not approved');
  expect(before.text).toContain(`href="/invoices/${id}/approve"`);
  expect(before.text).toContain('Other readings of the clause');
  expect((await viewer.get(`/invoices/${id}`)).text).not.toContain(`/invoices/${id}/approve`);

  expect((await finance.get(`/invoices/${id}/approve`)).text).toContain('Approve the invoice');
  const approved = await finance.post(`/invoices/${id}/approve`, {});
  expect([approved.status, approved.location]).toEqual([303, `/invoices/${id}?done=approve`]);
  expect((await finance.get(`/invoices/${id}?done=approve`)).text).toContain('The invoice is approved.');
  expect((await viewer.post(`/invoices/${id}/issue`, {})).status).toBe(403);
  expect((await finance.post(`/invoices/${id}/issue`, {})).status).toBe(303);
  expect((await finance.get(`/invoices/${id}`)).text).toContain('Invoice 6');
  const again = await finance.post(`/invoices/${id}/issue`, {});
  expect(again.status).toBe(409);
  expect(again.text).toContain('is already issued as number 6');
});

test('a draft is rejected with a reason, and without one the form comes back', async () => {
  const id = await idOf('state=growing');
  const empty = await finance.post(`/invoices/${id}/reject`, { reason: '' });
  expect(empty.status).toBe(400);
  expect(empty.text).toContain('aria-invalid="true"');
  expect((await finance.post(`/invoices/${id}/reject`, { reason: NASTY })).status).toBe(303);
  const shown = (await finance.get(`/invoices/${id}`)).text;
  expect(shown).toContain('&lt;script&gt;alert(1)');
  expect(shown).not.toContain('<script>alert');
});

test('many are decided after a page that says what is in the way of each', async () => {
  for (const id of ['one', 'two']) {
    await work.client(id, SMALL);
    await work.take('gateway-1', [usageAt(id, 0, 300)]);
  }
  await work.bill(rig.nowMs ?? 0);
  await rig.call('PATCH', '/v1/clients/two', { json: { billing: { email: null } } });
  const ids = [await idOf('client=one'), await idOf('client=two')];
  const body = (more: string) => `${ids.map((id) => `id=${id}`).join('&')}${more}`;
  const send = async (path: string, more = '') =>
    rig.call('POST', path, {
      token: null,
      body: body(more),
      headers: {
        ...{ 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
        ...{ cookie: finance.cookie, accept: 'text/html' },
      },
    });
  const asked = await send('/invoices/approve');
  expect(asked.text).toContain('Approve 2');
  expect(asked.text).toContain('600.00');
  expect((await send('/invoices/approve', '&confirmed=yes')).text).toContain('2 approved.');
  const issue = await send('/invoices/issue');
  expect(issue.text).toContain('1 of 2 cannot be issued');
  expect(issue.text).toContain('have no email');
  const done = await send('/invoices/issue', '&confirmed=yes');
  expect(done.text).toContain('1 issued, 1 not issued');
  expect((await finance.post('/invoices/issue', {})).text).toContain('No invoice is selected');
});

test('verification is run on demand, and its result is shown', async () => {
  const id = await idOf('q=1&client=damages');
  expect((await viewer.get(`/invoices/${id}`)).text).not.toContain('post by post');
  expect((await viewer.get(`/invoices/${id}?verify=now`)).text).toContain('post by post');
  await work.tamper('invoice_lines', 'update invoice_lines set posts = posts + 1');
  const tampered = await viewer.get(`/invoices/${id}?verify=now`);
  expect(tampered.text).toContain('The ledger no longer agrees');
  expect(tampered.text).toContain('content_hash');
  await work.tamper('invoice_lines', 'update invoice_lines set posts = posts - 1');
});

test('unknown invoices are not found', async () => {
  for (const path of ['01957a6e-0000-7000-8000-000000000000', 'x', 'approve/approve']) {
    expect([400, 404]).toContain((await finance.get(`/invoices/${path}`)).status);
  }
});

test('routes show their figures and hours, and a path is probed by operators', async () => {
  rig.nowMs = null;
  const { routes, paths } = rig.tally;
  routes.of('/posts').ended('counted', 20, 1_000);
  routes.of('/posts').ended('truncated', 0, 10);
  routes.of('').ended('none', 0, 500);
  paths.saw('/forgotten/12345', 'application/json', 500);
  const visitor = await signIn(rig);
  const { text } = await visitor.get('/routes');
  expect(text).toContain('uncounted: truncated 1');
  expect(text).toContain('/forgotten/{id}');
  expect((await visitor.get('/routes/hours?route=%2Fposts')).text).toContain('truncated 1');
  expect((await visitor.get('/routes/hours?route=')).status).toBe(200);

  const found = await visitor.post('/routes/probe', { path: '/posts', headers: 'x-a: b\nx-c: d' });
  expect(found.text).toContain('2 posts by json');
  const none = await visitor.post('/routes/probe', { path: '/other', headers: '' });
  expect(none.text).toContain('No route matches this path');
  const refused = await visitor.post('/routes/probe', { path: '//evil.example/x', headers: 'nothing' });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('value="//evil.example/x"');
});
