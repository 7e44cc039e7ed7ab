import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changeStamps } from '../../src/adapters/postgres/admin/changes.ts';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { runBilling } from '../../src/billing.ts';
import { until } from '../support/until.ts';
import { type ApiRig, apiRig, RULES } from './api-rig.ts';
import { type ConsoleVisitor, signIn } from './console-rig.ts';

const T0 = Date.UTC(2026, 2, 1);
const DAY_MS = 86_400_000;
const HOSTILE = '<script>alert(1)</script>';

let rig: ApiRig;
let visitor: ConsoleVisitor;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-what-if-pages');
  rig.nowMs = T0 - 3 * DAY_MS;
  const terms = { threshold: 100, price: '1.00', block: 1 };
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: HOSTILE } });
  await rig.call('POST', '/v1/clients', { json: { id: 'globex', name: 'Globex' } });
  await rig.call('POST', '/v1/tariffs', { json: { terms, reason: HOSTILE } });
  const row = { requests: 1, refused: 0, bytes: 1, uncounted: 0 };
  const usage = ['acme', 'globex'].map((clientId, index) => ({
    ...{ clientId, identifierId: `${clientId}-key`, ...row },
    ...{ bucketMs: T0 - DAY_MS, posts: 90 + 60 * index },
  }));
  await postgresUsageLedger(rig.db).take({ journalId: 'j', firstSequence: 1, lastSequence: 1, usage });
  rig.nowMs = T0;
  const ledger = postgresBillingLedger(rig.db, { rules: RULES, lead: processLead(), now: () => T0 });
  await runBilling(ledger, RULES, uuidv7, T0);
  visitor = await signIn(rig);
});
afterAll(() => rig.close());

async function settled(path: string, isSettled: (text: string) => boolean) {
  await until('the page is settled', async () => isSettled((await visitor.get(path)).text));
  return visitor.get(path);
}

test('a what-if is started by its form, reloads itself while it runs, and shows the figures of the API', async () => {
  const stampOf = async () => (await changeStamps(rig.db).stamps())['what-ifs'];
  const before = await stampOf();
  const form = await visitor.get('/what-if');
  expect(form.status).toBe(200);
  expect(form.text).toContain('Nothing was tried yet');
  expect(form.text).toMatch(/name="threshold"[^>]*value="100"/);

  const wrong = await visitor.post('/what-if', { kind: 'damages', threshold: 'many', price: '1.00' });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toMatch(/name="threshold"[^>]*value="many"/);
  expect(wrong.text).toContain('field-threshold-error');

  const fields = { kind: 'damages', threshold: '80', price: '1.00', block: '1', basis: 'all' };
  const started = await visitor.post('/what-if', { ...fields, rounding: 'prorated', currency: 'USD' });
  expect(started.status).toBe(303);
  const path = started.location!;
  const page = await settled(path, (text) => text.includes('> done</span>'));
  expect(page.headers.get('refresh')).toBeNull();
  expect(await stampOf()).not.toBe(before);
  const api = `/v1${path.replace('what-if', 'what-ifs')}`;
  const { result } = (await rig.call('GET', api)).json;
  expect(result.tried).toMatchObject({ clients: 2, billedPosts: 240, amounts: [{ amount: '240.00' }] });
  expect(page.text).toContain(`<data class="count" value="240" data-api="${api}#/result/tried/billedPosts">`);
  expect(page.text).toContain('value="150.00"');
  expect(page.text).toContain('value="240.00"');
  expect(page.text).toContain('2 clients exceed 40, 2 exceed 80, 0 exceed 293.');
  expect(page.text).toContain(`${api}/clients?format=csv`);
  const gone = await visitor.post(path, { action: 'cancel' });
  expect(gone.status).toBe(409);
  expect(gone.text).toContain('neither waits nor runs');
});

test('a correction is previewed with the invoices that it changes, and stored with a reason', async () => {
  const fields = { kind: 'damages', threshold: '80', price: '2.00', block: '1', currency: 'USD' };
  const started = await visitor.post('/tariffs/new', { ...fields, validFrom: '2026-02-27T00:00' });
  expect(started.status).toBe(303);
  const page = await settled(started.location!, (text) => text.includes('Store the correction'));
  expect(page.text).toContain('draft changes');
  expect(page.text).toContain('value="150.00"');
  const without = await visitor.post(started.location!, { step: 'store', reason: '' });
  expect(without.status).toBe(400);
  expect(without.text).toContain('field-reason-error');
  expect((await visitor.post(started.location!, { step: 'store', reason: 'agreed' })).location).toBe(
    '/tariffs?done=added',
  );
  const { items } = (await rig.call('GET', '/v1/tariffs')).json;
  expect(items[0]).toMatchObject({
    validFrom: '2026-02-27T00:00:00Z',
    terms: { threshold: 80, price: '2.00' },
  });
});

test('tariffs show the timeline, own terms with their differences, and withdraw what is scheduled', async () => {
  const own = { terms: { threshold: 80, price: '9.00', block: 1 }, reason: HOSTILE };
  await rig.call('POST', '/v1/clients/acme/tariffs', { json: own });
  const later = { terms: { kind: 'exempt' }, reason: 'a pause', validFrom: '2026-04-01T00:00:00Z' };
  const { id } = (await rig.call('POST', '/v1/clients/acme/tariffs', { json: later })).json;
  const overview = (await rig.call('GET', '/v1/tariffs/overview')).json;
  expect(overview).toMatchObject({
    default: { current: { version: 3 }, versions: [{ version: 1 }, { version: 2 }, { version: 3 }] },
    items: [{ clientId: 'acme', differs: ['price'], current: { version: 1 }, scheduled: [{ id }] }],
    ...{ next: null, total: 1 },
  });
  expect((await rig.call('GET', '/v1/tariffs/overview?differs=basis')).json.items).toEqual([]);

  const page = await visitor.get('/tariffs');
  expect(page.text).toContain('in force');
  expect(page.text).toContain('more than 80 posts in 24 h: USD 9.00 per 1, all, prorated');
  expect(page.text).not.toContain(HOSTILE);
  const withdraw = `/tariffs/withdraw?version=${id}&amp;client=acme`;
  expect(page.text).toContain(withdraw);
  const confirm = await visitor.get(withdraw.replace('&amp;', '&'));
  expect(confirm.text).toContain('exempt: metered, never billed');
  const done = await visitor.post(withdraw.replace('&amp;', '&'), { reason: 'not agreed' });
  expect(done.location).toBe('/tariffs?done=withdrawn');
  expect((await visitor.get('/tariffs?done=withdrawn')).text).toContain('The version is withdrawn');
});

test('viewers see the pages without their forms', async () => {
  const viewer = await signIn(rig, await rig.tokenWith('viewer'));
  for (const path of ['/what-if', '/tariffs']) {
    const page = await viewer.get(path);
    expect(page.status).toBe(200);
    expect(page.text).not.toContain('/tariffs/new');
    expect(page.text).not.toContain('name="threshold"');
  }
});
