/** Finance approves and issues many invoices at once. Some cannot be issued, and that holds up no other. */

import { sql } from 'drizzle-orm';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { runBilling } from '../../src/billing.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { completeSeller } from '../support/sellers.ts';
import { type ApiRig, apiRig, RULES } from './api-rig.ts';

// A ledger with many transactions, which takes this long only on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const T0 = Date.UTC(2026, 2, 1);
const HOUR_MS = 3_600_000;
/** The embedded ledger is slower, and runs the same statements. A tenth of the invoices cannot be issued. */
const SIZES = { postgres: 200, pglite: 40 };

interface Item {
  readonly id: string;
  readonly clientId: string;
  readonly outcome: string;
  readonly number: number | null;
  readonly code: string | null;
  readonly reason: string | null;
  readonly hint: string | null;
}

describe.each(LEDGER_KINDS)('many invoices at once over %s', (kind) => {
  const size = SIZES[kind];
  const clients = Array.from({ length: size }, (_, at) => `client-${String(at).padStart(3, '0')}`);
  const withoutDetails = new Set(clients.filter((_, at) => at % 20 === 7));
  const onHold = clients.filter((_, at) => at % 20 === 13);
  let rig: ApiRig;
  let ids: string[];
  const bulk = async (action: string, more: object = {}): Promise<Item[]> => {
    const answer = await rig.call('POST', `/v1/invoices/${action}`, { json: { ids, ...more } });
    expect(answer.status).toBe(200);
    return answer.json.items;
  };

  beforeAll(async () => {
    rig = await apiRig(kind, 'invoice-bulk');
    await completeSeller(rig.db);
    await rig.db.execute(sql`
      insert into clients (id, name, source, legal_name, address, email, currency)
      select id, id, 'operator', case when lacks then null else id || ' Inc.' end, '1 Main St', 'pay@example.com', 'USD'
      from json_to_recordset(${JSON.stringify(
        clients.map((id) => ({ id, lacks: withoutDetails.has(id) })),
      )}::json) as made (id text, lacks boolean)`);
    const rest = { requests: 1, refused: 0, bytes: 1, uncounted: 0 };
    const usage = clients.map((clientId, at) => ({
      ...{ clientId, identifierId: 'key', bucketMs: T0, posts: 1_000_001 + at, ...rest },
    }));
    await postgresUsageLedger(rig.db).take({ journalId: 'j', firstSequence: 1, lastSequence: 1, usage });
    rig.nowMs = T0 + 50 * HOUR_MS;
    const options = { rules: RULES, lead: processLead(), now: () => rig.nowMs ?? 0 };
    await runBilling(postgresBillingLedger(rig.db, options), RULES, uuidv7, rig.nowMs);
    const { items } = (await rig.call('GET', '/v1/invoices?limit=1000&state=to_approve')).json;
    ids = items.map(({ id }: Item) => id);
    expect(ids).toHaveLength(size);
  });
  afterAll(() => rig.close());

  test('a dry run says what is in the way, and changes nothing', async () => {
    const approvals = await bulk('approve', { dryRun: true });
    expect(approvals.every(({ outcome }) => outcome === 'possible')).toBe(true);
    const issues = await bulk('issue', { dryRun: true });
    expect(new Set(issues.map(({ outcome, code }) => `${outcome} ${code}`))).toEqual(
      new Set(['refused invoice_not_approved']),
    );
    expect((await rig.call('GET', '/v1/invoices?state=to_approve&limit=1000')).json.items).toHaveLength(size);
  });

  test('nine tenths are issued without gaps, and the others are explained as the dry run did', async () => {
    const approved = await bulk('approve');
    expect(approved.every(({ outcome }) => outcome === 'done')).toBe(true);
    for (const id of onHold) {
      await rig.store.holdClient(id, 'a dispute', { actor: 'test', atMs: rig.nowMs ?? 0 });
    }

    const foreseen = await bulk('issue', { dryRun: true });
    const issued = await bulk('issue');
    const done = issued.filter(({ outcome }) => outcome === 'done');
    expect(done.map(({ number }) => number)).toEqual(Array.from({ length: size * 0.9 }, (_, at) => at + 1));
    const refused = issued.filter(({ outcome }) => outcome === 'refused');
    expect(refused).toHaveLength(size / 10);
    for (const item of refused) {
      const isHeld = onHold.includes(item.clientId);
      expect(item.code).toBe(isHeld ? 'billing_held' : 'billing_details_missing');
      expect(isHeld || withoutDetails.has(item.clientId)).toBe(true);
      expect(item.hint).toBeTruthy();
    }
    expect(foreseen.filter(({ outcome }) => outcome === 'refused')).toEqual(refused);
    expect(foreseen.filter(({ outcome }) => outcome === 'possible').map(({ id }) => id)).toEqual(
      done.map(({ id }) => id),
    );
    expect((await rig.call('GET', '/v1/invoice-numbers')).json.last).toBe(size * 0.9);
    const [first] = done;
    const decisions = (await rig.call('GET', `/v1/audit?subject=invoices%2F${first!.id}`)).json.items;
    expect(decisions.map(({ action }: { action: string }) => action)).toEqual([
      'invoice.issued',
      'invoice.approved',
    ]);
  });

  test('issued and unknown ones are refused, and what was in the way of one can be removed', async () => {
    const [late] = (await rig.call('GET', `/v1/invoices?state=to_issue&q=${[...withoutDetails][0]}`)).json
      .items;
    const billing = { legalName: 'Late Inc.' };
    await rig.call('PATCH', `/v1/clients/${late.clientId}`, { json: { billing } });
    const unknown = '01957a6e-0000-7000-8000-000000000000';
    const again = await rig.call('POST', '/v1/invoices/issue', {
      json: { ids: [unknown, ids[0], late.id] },
    });
    expect(again.json.items).toMatchObject([
      { outcome: 'refused', clientId: null, reason: 'does not exist' },
      { outcome: 'refused', code: 'already_issued' },
      { outcome: 'done', number: size * 0.9 + 1 },
    ]);
    const approved = await rig.call('POST', '/v1/invoices/approve', { json: { ids: [late.id] } });
    expect(approved.json.items).toMatchObject([{ outcome: 'refused', code: 'already_issued' }]);
  });

  test.each([
    ['more than 200', Array.from({ length: 201 }, () => uuidv7())],
    ['none', []],
    ['one twice', ['01957a6e-0000-7000-8000-000000000000', '01957a6e-0000-7000-8000-000000000000']],
    ['a number', ['17']],
  ])('%s is refused as a whole', async (_what, wrong) => {
    const answer = await rig.call('POST', '/v1/invoices/issue', { json: { ids: wrong } });
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].field).toMatch(/^ids/);
  });
});
