/** Journals of processes, the verification of the ledger on demand, and the evidence of an invoice without a signature. */

import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { until } from '../support/until.ts';
import { fillLedger } from '../verify/tampered-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { signIn } from './console-rig.ts';

// A ledger with many transactions, which takes this long only on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-verification');
  await fillLedger(rig.db);
});
afterAll(() => rig.close());

const finished = () =>
  until('the verification has finished', async () => {
    const { json } = await rig.call('GET', '/v1/verification');
    return json.state === 'running' ? undefined : json;
  });

test('journals are listed with their program, those that sent last first, page by page', async () => {
  const { items } = (await rig.call('GET', '/v1/journals')).json;
  expect(items.length).toBeGreaterThan(1);
  expect(items[0]).toMatchObject({
    version: '1.0.0',
    configuration: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const times = items.map(({ takenAt }: { takenAt: string }) => takenAt);
  expect(times).toEqual(times.toSorted().reverse());
  const walked: unknown[] = [];
  for (let next = ''; next !== null; ) {
    const { json } = await rig.call('GET', `/v1/journals?limit=1${next === '' ? '' : `&cursor=${next}`}`);
    walked.push(...json.items);
    next = json.next;
  }
  expect(walked).toEqual(items);
});

test('evidence is the content that the command signs, with its hash', async () => {
  const { items } = (await rig.call('GET', '/v1/invoices?state=issued&sort=number')).json;
  const answer = await rig.call('GET', `/v1/invoices/${items[0].id}/evidence`);
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ postmeterEvidence: 1, invoice: { number: items[0].number } });
  const digest = createHash('sha256').update(answer.text).digest('base64');
  expect(answer.headers.get('repr-digest')).toBe(`sha-256=:${digest}:`);
  expect(answer.headers.get('content-disposition')).toContain(`invoice-${items[0].number}.evidence.json`);
  const [draft] = (await rig.call('GET', '/v1/invoices?state=to_approve')).json.items;
  const refused = await rig.call('GET', `/v1/invoices/${draft.id}/evidence`);
  expect([refused.status, refused.json.errors[0].field]).toEqual([409, 'invoiceId']);
});

test('the ledger is verified on demand, and a difference is shown on the page', async () => {
  const operator = await signIn(rig, await rig.tokenWith('operator'));
  expect((await rig.call('GET', '/v1/verification')).json).toMatchObject({ state: 'none', findings: [] });
  expect((await operator.get('/health')).text).toContain('has not run since this process started');
  expect((await operator.post('/health', { action: 'verify' })).status).toBe(303);
  expect(await finished()).toMatchObject({ state: 'done', verified: { invoices: expect.any(Number) } });
  const before = (await finished()).differences;
  await rig.db.execute(sql`update usage set posts = posts + 1 where client_id = 'drafted'`);
  const started = await rig.call('POST', '/v1/verification');
  expect([started.status, started.json.state]).toEqual([202, 'running']);
  const found = await finished();
  expect(found.differences).toBeGreaterThan(before);
  const page = await operator.get('/health');
  expect(page.text).toContain(found.findings[0].code);
  expect(page.text).toContain('1.0.0');
});
