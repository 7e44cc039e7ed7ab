import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { runBilling } from '../../src/billing.ts';
import { MOVES_JOURNAL } from '../../src/meter/port.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { completeSeller } from '../support/sellers.ts';
import { type ApiRig, apiRig, RULES } from './api-rig.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const T0 = Date.UTC(2026, 2, 1);
const at = (minute: number) => new Date(T0 + minute * MINUTE_MS).toISOString();
const DETAILS = { legalName: 'X', address: '1 Main St', email: 'ap@x.example', currency: 'USD' };

describe.each(LEDGER_KINDS)('a moved identifier, over %s', (kind) => {
  let rig: ApiRig;
  let sequence = 0;
  let round = 0;
  /** Two clients and a key of the first one, new for each test. */
  let a: string;
  let b: string;
  let key: string;

  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-moves');
    await completeSeller(rig.db);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    round++;
    rig.nowMs = T0 - DAY_MS;
    a = `a-${round}`;
    b = `b-${round}`;
    for (const id of [a, b]) {
      await rig.call('POST', '/v1/clients', { json: { id, name: id, billing: DETAILS } });
    }
    key = (await rig.call('POST', `/v1/clients/${a}/identifiers`, { json: { kind: 'api_key' } })).json.id;
    rig.nowMs = T0 + 60 * MINUTE_MS;
  });

  const take = (clientId: string, identifierId: string, minute: number, posts: number) => {
    sequence++;
    const figures = { posts, requests: 1, refused: 0, bytes: 10, uncounted: 0 };
    const usage = [{ clientId, identifierId, bucketMs: T0 + minute * MINUTE_MS, ...figures }];
    return postgresUsageLedger(rig.db).take({
      ...{ journalId: 'j', firstSequence: sequence, lastSequence: sequence, usage },
    });
  };
  const move = (json: object, path = `/v1/clients/${a}/identifiers/${key}/move`) =>
    rig.call('POST', path, { json: { reason: 'the key was sold', ...json } });
  const postsOf = async (client: string) => {
    const path = `/v1/clients/${client}/usage?step=hour&from=${at(-60)}&to=${at(180)}`;
    const { json } = await rig.call('GET', path);
    return json.points.reduce((sum: number, one: { posts: number }) => sum + one.posts, 0);
  };
  const bill = async () => {
    const options = { rules: RULES, lead: processLead(), now: () => rig.nowMs ?? 0 };
    const run = await runBilling(postgresBillingLedger(rig.db, options), RULES, uuidv7, rig.nowMs ?? 0);
    expect(run?.failures).toEqual([]);
  };
  const invoicesOf = async (client: string) => {
    const { json } = await rig.call('GET', `/v1/invoices?client=${client}`);
    return json.items
      .map(({ kind, status, amount }: Record<string, string>) => [kind, status, amount])
      .reverse();
  };

  test('takes its usage from that moment on, and nothing else', async () => {
    await take(a, key, 0, 10);
    await take(a, key, 5, 100);
    await take(a, 'other', 5, 7);
    expect((await move({ to: b, from: at(1) })).json).toEqual({
      id: expect.any(Number),
      ...{ identifierId: key, fromClient: a, toClient: b, posts: 100 },
      ...{ from: '2026-03-01T00:01:00Z', until: null, effect: null },
    });
    expect([await postsOf(a), await postsOf(b)]).toEqual([17, 100]);
    const { json } = await rig.call('GET', `/v1/clients/${b}/identifiers`);
    expect(json.items.map(({ id }: { id: string }) => id)).toEqual([key]);
    const audit = await rig.call('GET', `/v1/audit?subject=clients/${b}/identifiers/${key}`);
    expect(audit.json.items[0]).toMatchObject({ action: 'identifier.moved', reason: 'the key was sold' });
  });

  test('is previewed with the posts, breaches and drafts that the move then makes', async () => {
    const terms = { threshold: 100, price: '1.00', block: 1 };
    for (const id of [a, b]) {
      rig.nowMs = T0 - DAY_MS;
      await rig.call('POST', `/v1/clients/${id}/tariffs`, { json: { terms, reason: 'small' } });
    }
    rig.nowMs = T0 + 60 * MINUTE_MS;
    await take(a, key, 5, 150);
    await take(b, 'other', 6, 60);
    await bill();
    const preview = await move({ to: b, from: at(0), dryRun: true });
    expect(preview.json).toMatchObject({
      ...{ id: null, posts: 150 },
      effect: {
        before: { breaches: 1, amounts: [{ currency: 'USD', amount: '150.00' }] },
        after: { breaches: 1, amounts: [{ currency: 'USD', amount: '210.00' }] },
      },
    });
    expect([await postsOf(a), await postsOf(b)]).toEqual([150, 60]);
    const planned = preview.json.effect.invoices.map(
      ({ clientId, status, amount }: Record<string, string>) => [
        clientId,
        ...(status === 'void' ? ['void'] : [status, amount]),
      ],
    );
    expect(planned).toEqual([
      [a, 'void'],
      [b, 'draft', '210.00'],
    ]);
    expect((await move({ to: b, from: at(0) })).json.posts).toBe(150);
    await bill();
    expect(await invoicesOf(b)).toEqual([['invoice', 'draft', '210.00']]);
    expect((await invoicesOf(a)).map(([, status]: string[]) => status)).toEqual(['void']);
    const refused = await move({ to: 'nobody', from: at(0), dryRun: true });
    expect([refused.status, refused.json.errors[0].field]).toEqual([400, 'to']);
  });

  test('takes later usage too, and loses what is moved back', async () => {
    await move({ to: b, from: at(1) });
    await take(a, key, 0, 1);
    await take(a, key, 30, 20);
    await take(b, key, 30, 300);
    expect([await postsOf(a), await postsOf(b)]).toEqual([1, 320]);
    await move({ to: a, from: at(20) }, `/v1/clients/${b}/identifiers/${key}/move`);
    await take(b, key, 40, 4_000);
    await take(a, key, 41, 50_000);
    expect([await postsOf(a), await postsOf(b)]).toEqual([54_321, 0]);
  });

  test('notifies the windows once of what it moved, and of later usage as it arrives', async () => {
    const ledger = postgresUsageLedger(rig.db);
    const before = (await ledger.movedPosts(0, 1_000)).length;
    await take(a, key, 0, 10);
    await take(a, key, 1, 20);
    await move({ to: b, from: at(1) });
    await take(a, key, 0, 100);
    await take(a, key, 2, 200);
    await take(b, key, 2, 400);
    const both = { fromClientId: a, toClientId: b };
    expect(await ledger.movedPosts(before, 1_000)).toEqual([
      { sequence: before + 1, ...both, posts: [{ bucketMs: T0 + MINUTE_MS, posts: 20 }] },
      { sequence: before + 2, ...both, posts: [{ bucketMs: T0 + 2 * MINUTE_MS, posts: 200 }] },
    ]);
    for await (const { sequences } of ledger.posts(T0)) expect(sequences.get(MOVES_JOURNAL)).toBe(before + 2);
  });

  test('keeps its client if the move has an end', async () => {
    for (const minute of [0, 10, 20]) await take(a, key, minute, 10 ** (minute / 10));
    await move({ to: b, from: at(5), until: at(15) });
    await take(a, key, 12, 1_000);
    await take(a, key, 22, 10_000);
    expect([await postsOf(a), await postsOf(b)]).toEqual([10_101, 1_010]);
    expect((await rig.call('GET', `/v1/clients/${a}/identifiers`)).json.items).toHaveLength(1);
  });

  test('may be a caller that was known only by its address', async () => {
    const address = `addr:203.0.113.${kind === 'pglite' ? 7 : 8}`;
    await take(address, address, 0, 55);
    const path = `/v1/clients/${address}/identifiers/${address}/move`;
    expect((await move({ to: a, from: at(-60) }, path)).json).toMatchObject({
      posts: 55,
      until: '2026-03-01T01:00:00Z',
    });
    await take(address, address, 59, 600);
    await take(address, address, 60, 7_000);
    expect([await postsOf(a), await postsOf(address)]).toEqual([655, 7_000]);
  });

  test('causes a credit note and a draft, and the issued invoice stays unchanged', async () => {
    await take(a, key, 0, 2_000_000);
    rig.nowMs = T0 + 4 * DAY_MS;
    await bill();
    const [draft] = (await rig.call('GET', `/v1/invoices?client=${a}`)).json.items;
    expect((await rig.call('POST', `/v1/invoices/${draft.id}/approve`)).status).toBe(200);
    expect((await rig.call('POST', `/v1/invoices/${draft.id}/issue`)).status).toBe(200);
    const issued = (await rig.call('GET', `/v1/invoices/${draft.id}`)).text;
    await move({ to: b, from: at(0) });
    await bill();
    expect(await invoicesOf(a)).toEqual([
      ['invoice', 'issued', '30000.00'],
      ['credit_note', 'draft', '-30000.00'],
    ]);
    expect(await invoicesOf(b)).toEqual([['invoice', 'draft', '30000.00']]);
    expect((await rig.call('GET', `/v1/invoices/${draft.id}`)).text).toBe(issued);
  });

  test.each([
    ['to itself', () => ({ to: a, from: at(0) }), 400, 'to', 'is the client that already has it'],
    ['to an unknown client', () => ({ to: 'nobody', from: at(0) }), 400, 'to', 'does not exist'],
    ['from the future', () => ({ to: b, from: at(61) }), 400, 'from', 'is in the future'],
    ['for no time', () => ({ to: b, from: at(0), until: at(0) }), 400, 'until', 'leaves no whole bucket'],
  ])('is not moved %s', async (_what, body, status, field, reason) => {
    await take(a, key, 0, 5);
    const answer = await move(body());
    expect([answer.status, answer.json.errors[0].field]).toEqual([status, field]);
    expect(answer.json.errors[0].reason).toContain(reason);
    expect(await postsOf(a)).toBe(5);
  });

  test('is not moved if unique posts are billed, and not by a finance token', async () => {
    await rig.call('POST', `/v1/clients/${b}/tariffs`, {
      json: { terms: { count: 'unique' }, validFrom: at(70), reason: 'deal' },
    });
    expect((await move({ to: b, from: at(0) })).json.errors[0].reason).toContain('counts unique posts');
    expect((await move({ to: b, from: at(0), until: at(50) })).status).toBe(200);
    const token = await rig.tokenWith('finance');
    const path = `/v1/clients/${a}/identifiers/${key}/move`;
    const answer = await rig.call('POST', path, { token, json: { to: b, from: at(0), reason: 'x' } });
    expect(answer.status).toBe(403);
  });
});
