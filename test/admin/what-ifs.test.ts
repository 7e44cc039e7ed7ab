import { afterAll, beforeAll, expect, test } from 'vitest';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { until } from '../support/until.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const T0 = Date.UTC(2026, 2, 1);
const DAY_MS = 86_400_000;
const TERMS = { threshold: 100, price: '1.00', block: 1 };

let rig: ApiRig;
beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-what-ifs');
  rig.nowMs = T0;
  for (const id of ['acme', 'globex', 'initech']) {
    await rig.call('POST', '/v1/clients', { json: { id, name: id } });
  }
  const row = { requests: 1, refused: 0, bytes: 1, uncounted: 0 };
  const usage = ['acme', 'globex', 'initech'].map((clientId, index) => ({
    ...{ clientId, identifierId: `${clientId}-key`, ...row },
    ...{ bucketMs: T0 - DAY_MS, posts: 90 * (index + 1) },
  }));
  await postgresUsageLedger(rig.db).take({ journalId: 'j', firstSequence: 1, lastSequence: 1, usage });
});
afterAll(() => rig.close());

const start = (body: object, token?: string) =>
  rig.call('POST', '/v1/what-ifs', { json: body, ...(token === undefined ? {} : { token }) });
const faultsOf = async (body: object) => {
  const { status, json } = await start(body);
  expect(status).toBeGreaterThanOrEqual(400);
  return json.errors.map(({ field, reason, hint }: Record<string, string>) => `${field} ${reason}: ${hint}`);
};
async function done(id: string) {
  const look = async () => (await rig.call('GET', `/v1/what-ifs/${id}`)).json;
  await until('it is done', async () => (await look()).state === 'done');
  return look();
}

test('terms are tried on the usage of the last 30 days, in the background', async () => {
  const accepted = await start({ terms: TERMS });
  expect(accepted.status).toBe(202);
  expect(accepted.json).toMatchObject({
    state: 'waiting',
    currency: 'USD',
    scope: { clients: 'default', callers: false },
    from: '2026-01-30T00:00:00Z',
    to: '2026-03-01T00:00:00Z',
    createdBy: 'ADMIN_TOKEN',
    progress: { clients: 0, of: 3 },
  });
  const { result, progress } = await done(accepted.json.id);
  expect(progress).toEqual({ clients: 3, of: 3 });
  expect(result).toMatchObject({
    clients: 3,
    unconcerned: 0,
    now: { clients: 0, breaches: 0, billedPosts: 0, amounts: [] },
    tried: { clients: 2, breaches: 2, billedPosts: 450, amounts: [{ currency: 'USD', amount: '450.00' }] },
    differences: [{ currency: 'USD', amount: '450.00' }],
    invoices: null,
  });
  expect(result.readings).toHaveLength(6);
  expect(result.readings[3]).toEqual({
    ...{ basis: 'excess', rounding: 'prorated', isAsked: false, billedPosts: 250, amount: '250.00' },
  });
  expect(result.curve[0]).toEqual({ limit: 50, clients: 3, billedPosts: 540, amount: '540.00' });
  expect(result.curve.at(-1)).toEqual({ limit: 367, clients: 0, billedPosts: 0, amount: '0.00' });
});

test('its clients are paged by their peaks, and CSV has them all', async () => {
  const { id } = (await start({ terms: TERMS, scope: { clients: ['globex', 'acme'] } })).json;
  await done(id);
  const path = `/v1/what-ifs/${id}/clients`;
  const first = (await rig.call('GET', `${path}?limit=1`)).json;
  expect(first.items).toMatchObject([
    {
      ...{ clientId: 'globex', posts: 180, peakPosts: 180 },
      differences: [{ currency: 'USD', amount: '180.00' }],
    },
  ]);
  const second = (await rig.call('GET', `${path}?limit=1&cursor=${first.next}`)).json;
  expect(second).toMatchObject({ items: [{ clientId: 'acme', differences: [] }], next: null });
  const csv = await rig.call('GET', `${path}?format=csv&bom=0`);
  expect(csv.text).toBe(
    'client,posts,peakPosts,breachesNow,breachesTried,monthsNow,monthsTried,billedPostsNow,billedPostsTried,currency,amountNow,amountTried,difference\r\n' +
      'globex,180,180,0,1,0,0,0,180,USD,0.00,180.00,180.00\r\n' +
      'acme,90,90,0,0,0,0,0,0,,,,\r\n',
  );
  const listed = (await rig.call('GET', '/v1/what-ifs?limit=1')).json;
  expect(listed.items[0]).toMatchObject({ id, scope: { clients: ['globex', 'acme'] }, state: 'done' });
});

test('what cannot be tried is refused with the field, the reason and the fix', async () => {
  expect(await faultsOf({ terms: { threshold: 0, price: 'a lot' } })).toHaveLength(1);
  expect(await faultsOf({ terms: { count: 'unique' } })).toEqual([
    expect.stringMatching(/^terms\.count is "unique", but .*: use "deliveries"$/),
  ]);
  expect(await faultsOf({ terms: TERMS, from: '2020-01-01T00:00:00Z' })).toEqual([
    'from is more than 92 days before `to`: use a time from 2025-11-29T00:00:00Z on, and try other ranges one after another',
  ]);
  expect(await faultsOf({ terms: TERMS, to: '2027-01-01T00:00:00Z' })).toEqual([
    'to is in the future: use a time up to 2026-03-01T00:00:00Z',
  ]);
  const at = '2026-02-01T00:00:00Z';
  expect(await faultsOf({ terms: TERMS, from: at, to: at })).toHaveLength(1);
  expect(await faultsOf({ terms: TERMS, scope: { clients: ['nobody'] } })).toEqual([
    'scope.clients names a client that does not exist: nobody: see /v1/clients',
  ]);
  expect(await faultsOf({ terms: TERMS, scope: { clients: ['net:203.0.113.0/24'] } })).toHaveLength(1);
  expect(await faultsOf({ terms: TERMS, change: { clientId: 'nobody' } })).toHaveLength(1);
  expect((await rig.call('GET', '/v1/what-ifs/01957a6e-0000-7000-8000-000000000000')).status).toBe(404);
});

test('operators start and stop it, others read it, and the audit log has each change', async () => {
  const [viewer, operator] = [await rig.tokenWith('viewer'), await rig.tokenWith('operator')];
  expect((await start({ terms: TERMS }, viewer)).status).toBe(403);
  const { id } = (await start({ terms: TERMS, scope: { clients: 'all', callers: true } }, operator)).json;
  await done(id);
  const path = `/v1/what-ifs/${id}`;
  expect((await rig.call('GET', path, { token: viewer })).status).toBe(200);
  const change = (what: string) => rig.call('POST', `${path}/${what}`, { token: operator });
  expect(await change('cancel')).toMatchObject({ status: 409 });
  expect(await change('resume')).toMatchObject({ status: 409 });
  expect((await rig.call('POST', `${path}/cancel`, { token: viewer })).status).toBe(403);
  const { items } = (await rig.call('GET', `/v1/audit?subject=what-ifs/${id}`)).json;
  expect(items.map(({ action }: { action: string }) => action)).toEqual(['what_if.started']);
});

test('a failure is named by its incident, and resumed', async () => {
  await rig.db.execute(
    'alter table what_if_clients add constraint refuses check (peak_posts <> 180) not valid',
  );
  const { id } = (await start({ terms: TERMS })).json;
  const path = `/v1/what-ifs/${id}`;
  await until('it failed', async () => (await rig.call('GET', path)).json.state === 'failed');
  const { failure } = (await rig.call('GET', path)).json;
  expect(failure).toMatch(/^It failed unexpectedly\. The log has the details under [0-9a-f-]{36}\.$/);
  await rig.db.execute('alter table what_if_clients drop constraint refuses');
  expect((await rig.call('POST', `${path}/resume`)).json).toMatchObject({ state: 'waiting', failure: null });
  expect((await done(id)).result.tried.billedPosts).toBe(450);
});
