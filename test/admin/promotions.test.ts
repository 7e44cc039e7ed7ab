/** Callers that are named as one client: the preview against the books, and what an undo leaves. */

import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/adapters/crypto/sha256.ts';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { withVerifiableLedger } from '../../src/adapters/postgres/verification/verification.ts';
import { runBilling } from '../../src/billing.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { verifyLedger } from '../../src/verify/ledger.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { completeSeller } from '../support/sellers.ts';
import { type ApiRig, apiRig, RULES } from './api-rig.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const T0 = Date.UTC(2026, 2, 1);
const at = (minute: number) => new Date(T0 + minute * MINUTE_MS).toISOString();
const DETAILS = { legalName: 'X', address: '1 Main St', email: 'ap@x.example', currency: 'USD' };

describe.each(LEDGER_KINDS)('callers named as one client, over %s', (kind) => {
  let rig: ApiRig;
  let sequence = 0;
  let round = 0;
  let client: string;
  /** 40 callers of a network of their own, in each test. */
  let callers: string[];

  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-promotions');
    await completeSeller(rig.db);
  });
  afterAll(() => rig.close());
  beforeEach(() => {
    round++;
    client = `globex-${round}`;
    callers = Array.from({ length: 40 }, (_, n) => `addr:203.0.${round}.${n + 1}`);
    rig.nowMs = T0 + 120 * MINUTE_MS;
  });

  const take = (rows: ReadonlyArray<readonly [clientId: string, minute: number, posts: number]>) => {
    sequence++;
    const usage = rows.map(
      ([clientId, minute, posts]): Usage => ({
        ...{ clientId, identifierId: clientId, bucketMs: T0 + minute * MINUTE_MS },
        ...{ posts, requests: 1, refused: 0, bytes: 10, uncounted: 0 },
      }),
    );
    return postgresUsageLedger(rig.db).take({
      ...{ journalId: 'j', firstSequence: sequence, lastSequence: sequence, usage },
    });
  };
  /** Each caller takes 30,000 posts in an hour: together 1,200,000. */
  const crowd = () =>
    take(callers.flatMap((id, n) => [[id, n, 10_000] as const, [id, 60 + (n % 5), 20_000] as const]));
  const promote = (more: object = {}) =>
    rig.call('POST', '/v1/callers/promote', {
      json: { client: { id: client }, callers, from: at(0), reason: 'one scraper', ...more },
    });
  const undo = (id: string, more: object = {}) =>
    rig.call('POST', `/v1/callers/promotions/${id}/undo`, { json: { reason: 'they are not', ...more } });
  const bill = async () => {
    const nowMs = rig.nowMs!;
    const ledger = postgresBillingLedger(rig.db, { rules: RULES, lead: processLead(), now: () => nowMs });
    expect((await runBilling(ledger, RULES, uuidv7, nowMs))?.failures).toEqual([]);
  };
  const invoicesOf = async (id: string) => {
    const { json } = await rig.call('GET', `/v1/invoices?client=${encodeURIComponent(id)}`);
    return json.items
      .filter(({ status }: { status: string }) => status !== 'void')
      .map(({ kind: of, status, amount }: Record<string, string>) => [of, status, amount])
      .reverse();
  };
  const breachesOf = async (ids: readonly string[]) => {
    const all = await Promise.all(
      ids.map(
        async (id) => (await rig.call('GET', `/v1/breaches?client=${encodeURIComponent(id)}`)).json.items,
      ),
    );
    return all.flat();
  };
  const postsOf = async (id: string) => {
    const path = `/v1/clients/${encodeURIComponent(id)}/usage?step=hour&from=${at(-60)}&to=${at(180)}`;
    const { json } = await rig.call('GET', path);
    return json.points.reduce((sum: number, one: { posts: number }) => sum + one.posts, 0);
  };
  const amountOf = (breaches: readonly { amount: string }[]) =>
    breaches.reduce((sum, { amount }) => sum + Number(amount), 0);

  test('have one draft, as the preview said, and undone a credit note to the cent', async () => {
    await crowd();
    // This caller has a breach of its own, part of which moves.
    await take([
      [callers[0]!, -30, 500_000],
      [callers[0]!, 30, 700_000],
    ]);
    await bill();
    expect(await invoicesOf(callers[0]!)).toEqual([['invoice', 'draft', '18450.00']]);

    const preview = (await promote({ dryRun: true, ranges: [`203.0.${round}.0/24`] })).json;
    expect(preview).toEqual({
      ...{ id: null, client: { id: client, isNew: true }, moved: { callers: 40, posts: 1_900_000 } },
      ranges: { added: [`203.0.${round}.0/24`], uncovered: 0 },
      before: { breaches: 1, amounts: [{ currency: 'USD', amount: '18450.00' }] },
      after: { breaches: 1, amounts: [{ currency: 'USD', amount: '28500.00' }] },
      invoices: [
        { id: null, clientId: client, kind: 'invoice', status: 'draft', amount: '28500.00', currency: 'USD' },
        expect.objectContaining({ id: expect.any(String), clientId: callers[0], status: 'void' }),
      ],
      refusals: [],
    });
    expect((await rig.call('GET', `/v1/clients/${client}`)).status, 'a preview writes nothing').toBe(404);
    expect(await postsOf(callers[1]!)).toBe(30_000);

    const done = (await promote({ ranges: [`203.0.${round}.0/24`] })).json;
    expect({ ...done, id: null }).toEqual(preview);
    expect(await postsOf(client)).toBe(1_900_000);
    expect(await postsOf(callers[0]!)).toBe(500_000);
    await bill();
    expect(await invoicesOf(client)).toEqual([['invoice', 'draft', '28500.00']]);
    expect(await invoicesOf(callers[0]!)).toEqual([]);
    const breaches = await breachesOf([client, ...callers.slice(0, 2)]);
    expect([breaches.length, amountOf(breaches)]).toEqual([1, 28_500]);
    const range = (await rig.call('GET', `/v1/clients/${client}/identifiers`)).json.items;
    expect(range).toMatchObject([{ kind: 'cidr', cidr: `203.0.${round}.0/24`, revokedAt: null }]);

    // Usage of before that arrives late moves too.
    await take([[callers[3]!, 10, 100_000]]);
    expect(await postsOf(client)).toBe(2_000_000);
    await bill();
    await rig.call('PATCH', `/v1/clients/${client}`, { json: { billing: DETAILS } });
    rig.nowMs = T0 + 3 * DAY_MS;
    await bill();
    const [draft] = (await rig.call('GET', `/v1/invoices?client=${client}`)).json.items;
    expect((await rig.call('POST', `/v1/invoices/${draft.id}/approve`)).status).toBe(200);
    expect((await rig.call('POST', `/v1/invoices/${draft.id}/issue`)).status).toBe(200);

    const undone = (await undo(done.id, { dryRun: true })).json;
    expect(undone).toMatchObject({
      ...{ id: null, moved: { callers: 40, posts: 2_000_000 } },
      before: { breaches: 1, amounts: [{ currency: 'USD', amount: '30000.00' }] },
      after: { breaches: 1, amounts: [{ currency: 'USD', amount: '18450.00' }] },
    });
    expect({ ...(await undo(done.id)).json, id: null }).toEqual(undone);
    await bill();
    expect(await invoicesOf(client)).toEqual([
      ['invoice', 'issued', '30000.00'],
      ['credit_note', 'draft', '-30000.00'],
    ]);
    expect(await invoicesOf(callers[0]!)).toEqual([['invoice', 'draft', '18450.00']]);
    expect(await postsOf(callers[3]!)).toBe(130_000);
    expect((await undo(done.id)).json).toMatchObject({ status: 409, code: 'conflict' });
    const list = (await rig.call('GET', '/v1/callers/promotions')).json.items;
    expect(list[0]).toMatchObject({
      ...{ id: done.id, clientId: client, callers: 40, ranges: 1, posts: 1_900_000, actor: 'ADMIN_TOKEN' },
      ...{ reason: 'one scraper', from: '2026-03-01T00:00:00Z', until: '2026-03-01T02:01:00Z' },
      ...{ undoneAt: '2026-03-04T00:00:00Z', undoneBy: 'ADMIN_TOKEN' },
    });
  });

  test('join an existing client, whose breach and invoice grow', async () => {
    await rig.call('POST', '/v1/clients', { json: { id: client, name: 'Globex', billing: DETAILS } });
    await crowd();
    await take([[client, 5, 1_000_000]]);
    const { json } = await promote({ callers: callers.slice(0, 1), client: { id: client, name: 'other' } });
    expect(json).toMatchObject({
      ...{
        client: { isNew: false },
        moved: { callers: 1, posts: 30_000 },
        before: { breaches: 0, amounts: [] },
      },
      after: { breaches: 1, amounts: [{ currency: 'USD', amount: '15450.00' }] },
      ranges: { added: [`203.0.${round}.1/32`], uncovered: 0 },
    });
    await bill();
    expect(await invoicesOf(client)).toEqual([['invoice', 'draft', '15450.00']]);
    expect((await rig.call('GET', `/v1/clients/${client}`)).json.name).toBe('Globex');
  });

  test('named twice change nothing the second time', async () => {
    await crowd();
    await promote();
    await bill();
    const count = async (table: string) => {
      const rows = await rig.db.execute(`select count(*)::int as n from ${table}`);
      return JSON.stringify(rows).match(/"n":(\d+)/)?.[1];
    };
    const counts = () =>
      Promise.all(['moves', 'identifiers', 'audit', 'promotions', 'moved_posts'].map(count));
    const before = await counts();
    rig.nowMs! += 5 * MINUTE_MS;
    expect((await promote()).json).toMatchObject({
      ...{ id: null, moved: { callers: 0, posts: 0 }, ranges: { added: [], uncovered: 0 }, refusals: [] },
      before: { breaches: 1, amounts: [{ currency: 'USD', amount: '18000.00' }] },
      after: { breaches: 1, amounts: [{ currency: 'USD', amount: '18000.00' }] },
      invoices: [],
    });
    expect(await counts()).toEqual(before);
    expect(await postsOf(client)).toBe(1_200_000);
  });

  test('without ranges have their usage so far moved, and the answer says whose later usage does not', async () => {
    await crowd();
    const { json } = await promote({ ranges: [`203.0.${round}.0/28`] });
    expect(json.ranges).toEqual({ added: [`203.0.${round}.0/28`], uncovered: 25 });
    await take([
      [callers[39]!, 119, 1],
      [callers[39]!, 120, 10],
      [callers[39]!, 121, 100],
    ]);
    expect([await postsOf(client), await postsOf(callers[39]!)]).toEqual([1_200_011, 100]);
  });

  test('are refused whole, with every reason, and nothing is written', async () => {
    await crowd();
    const other = `other-${round}`;
    await rig.call('POST', '/v1/clients', { json: { id: other, name: 'Other' } });
    await rig.call('POST', `/v1/clients/${other}/identifiers`, {
      json: { kind: 'cidr', cidr: `203.0.${round}.128/25` },
    });
    const asked = { ranges: [`203.0.${round}.0/24`], callers: [...callers, 'addr:198.51.100.99'] };
    const refusals = [
      { field: 'callers', reason: 'do not exist: addr:198.51.100.99', hint: 'use ids of GET /v1/callers' },
      {
        field: 'ranges',
        reason: `has 203.0.${round}.0/24, which overlaps 203.0.${round}.128/25 of the client ${other}`,
        hint: 'leave it out, choose a narrower range, or revoke the other one first',
      },
    ];
    expect((await promote({ ...asked, dryRun: true })).json.refusals).toEqual(refusals);
    expect((await promote(asked)).json).toMatchObject({ status: 409, code: 'not_found', errors: refusals });
    expect((await rig.call('GET', `/v1/clients/${client}`)).status).toBe(404);
    expect(await postsOf(callers[0]!)).toBe(30_000);
  });

  test('are refused if unique posts are billed', async () => {
    await crowd();
    await rig.call('POST', '/v1/clients', { json: { id: client, name: 'Unique' } });
    await rig.call('POST', `/v1/clients/${client}/tariffs`, {
      json: { terms: { count: 'unique' }, reason: 'contract' },
    });
    expect((await promote()).json).toMatchObject({ status: 409, code: 'unique_posts_counted' });
  });

  test.each([
    [
      { callers: ['net:203.0.113.0/24'] },
      'callers has a range of callers, which is never billed: net:203.0.113.0/24',
    ],
    [{ callers: ['acme'] }, 'callers has an id that is not of an unknown caller: acme'],
    [{ callers: ['addr:1.2'] }, 'callers has an id that is not of an unknown caller: addr:1.2'],
    [{ callers: [] }, 'callers is too small or too short'],
    [{ ranges: ['203.0.113.7/24'] }, 'ranges.0 has bits set beyond its prefix: did you mean 203.0.113.0/24?'],
    [{ from: at(121) }, 'from is in the future'],
    [{ client: { id: 'addr:203.0.113.1' } }, 'client.id is reserved for callers'],
  ])('are not named by %j', async (more, detail) => {
    const { json } = await promote(more);
    expect(json).toMatchObject({ status: 400, detail: expect.stringContaining(detail) });
  });

  test('need the role operator', async () => {
    const token = await rig.tokenWith('finance');
    const call = { token, json: { client: { id: client }, callers, from: at(0), reason: 'x' } };
    expect((await rig.call('POST', '/v1/callers/promote', call)).status).toBe(403);
    expect((await rig.call('GET', '/v1/callers/promotions', { token })).status).toBe(200);
  });

  test('leave a ledger in which verification finds nothing', async () => {
    const findings = await withVerifiableLedger(rig.db, async (ledger) => {
      const found: unknown[] = [];
      for await (const one of verifyLedger(ledger, RULES, sha256))
        if ('finding' in one) found.push(one.finding);
      return found;
    });
    expect(findings).toEqual([]);
  });
});
