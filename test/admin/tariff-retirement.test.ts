import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import { ledgerDirectorySource } from '../../src/adapters/postgres/directory-source.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { withVerifiableLedger } from '../../src/adapters/postgres/verification/verification.ts';
import { runBilling } from '../../src/billing.ts';
import type { VerifiableLedger } from '../../src/verify/port.ts';
import { completeSeller } from '../support/sellers.ts';
import { type ApiRig, apiRig, RULES } from './api-rig.ts';

const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2026, 2, 1);
const WRONG = { threshold: 10, price: '9.00', block: 1 };
const RIGHT = { threshold: 500, price: '1.00', block: 1 };
const TARIFFS = '/v1/clients/acme/tariffs';

let rig: ApiRig;
let bill: () => Promise<unknown>;

beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-tariff-retirement');
  await completeSeller(rig.db);
  const now = () => rig.nowMs ?? 0;
  const ledger = postgresBillingLedger(rig.db, { rules: RULES, lead: processLead(), now });
  bill = () => runBilling(ledger, RULES, uuidv7, now());
  rig.nowMs = T0 - HOUR_MS;
  await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
  const row = { requests: 1, refused: 0, bytes: 1, uncounted: 0 };
  const usage = [{ clientId: 'acme', identifierId: 'k', bucketMs: T0, posts: 600, ...row }];
  await postgresUsageLedger(rig.db).take({ journalId: 'j', firstSequence: 1, lastSequence: 1, usage });
});
afterAll(() => rig.close());

const add = (terms: unknown, more: object) =>
  rig.call('POST', TARIFFS, { json: { terms, reason: 'agreed by mail', ...more } });
const amounts = async () => {
  await bill();
  const { items } = (await rig.call('GET', '/v1/invoices?client=acme')).json;
  return items.map(({ status, amount }: { status: string; amount: string }) => `${status} ${amount}`);
};

test('a wrong version is superseded at its own moment, and its results are computed again', async () => {
  const wrong = (await add(WRONG, { validFrom: '2026-03-01T00:00:00Z' })).json;
  rig.nowMs = T0 + HOUR_MS;
  expect(await amounts()).toEqual(['draft 5400.00']);

  const twice = await add(RIGHT, { validFrom: '2026-03-01T00:00:00Z', correction: true });
  expect(twice.status).toBe(409);
  expect(twice.json.errors[0].hint).toContain(wrong.id);
  const elsewhere = await add(RIGHT, { supersedes: wrong.id, validFrom: '2026-03-02T00:00:00Z' });
  expect(elsewhere.status).toBe(400);
  expect((await add(RIGHT, { supersedes: uuidv7() })).status).toBe(404);

  const right = await add(RIGHT, { supersedes: wrong.id });
  expect(right.json).toMatchObject({ version: 2, validFrom: '2026-03-01T00:00:00Z', retirement: null });
  expect(await amounts()).toEqual(['draft 600.00']);
  const [, old] = (await rig.call('GET', TARIFFS)).json.items;
  expect(old).toMatchObject({
    id: wrong.id,
    retirement: { actor: 'ADMIN_TOKEN', reason: 'agreed by mail', supersededBy: right.json.id },
  });
  expect((await add(WRONG, { supersedes: wrong.id })).status).toBe(409);
});

test('a scheduled version can be withdrawn before it applies, but not after', async () => {
  const [wrong] = (await rig.call('GET', TARIFFS)).json.items.slice(-1);
  const { id } = (await add(WRONG, { validFrom: '2026-03-05T00:00:00Z' })).json;
  const withdraw = (version: string) => rig.call('DELETE', `${TARIFFS}/${version}?reason=typing%20error`);
  expect((await rig.call('DELETE', `${TARIFFS}/${id}`)).status).toBe(400);
  expect((await rig.call('DELETE', `/v1/tariffs/${id}?reason=x`)).status).toBe(404);
  expect((await withdraw(id)).json).toMatchObject({
    id,
    retirement: { reason: 'typing error', supersededBy: null },
  });
  expect((await withdraw(id)).status).toBe(409);
  const [, right] = (await rig.call('GET', TARIFFS)).json.items;
  const late = await withdraw(right.id);
  expect([late.status, late.json.code]).toEqual([409, 'tariff_applies']);
  const audit = (await rig.call('GET', '/v1/audit?subject=clients%2Facme%2Ftariffs')).json.items;
  expect(audit.map(({ action }: { action: string }) => action)).toEqual([
    'tariff.withdrawn',
    'tariff.changed',
    'tariff.superseded',
    'tariff.changed',
    'tariff.changed',
  ]);
  const { tariffs } = await ledgerDirectorySource(rig.connection).load();
  expect(tariffs.filter(({ clientId }) => clientId === 'acme').map((version) => version.id)).toEqual([
    right.id,
  ]);
  const verified = (ledger: VerifiableLedger) =>
    Promise.all([ledger.retiredVersions(), ledger.auditDifferences()]);
  expect(await withVerifiableLedger(rig.db, verified)).toEqual([[wrong.id, id], []]);
});

test('a version with a line on an issued invoice is not superseded', async () => {
  await rig.db.execute(`update invoices set status = 'issued', number = 1 where status = 'draft'`);
  const { items } = (await rig.call('GET', TARIFFS)).json;
  const right = items.find(({ version }: { version: number }) => version === 2);
  const refused = await add(WRONG, { supersedes: right.id });
  expect([refused.status, refused.json.code]).toEqual([409, 'tariff_invoiced']);
  expect(refused.json.errors[0].reason).toContain('issued invoice 1');
});
