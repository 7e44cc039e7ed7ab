import { parse } from 'csv-parse/sync';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { processLead } from '../../src/adapters/postgres/billing/leader.ts';
import { postgresBillingLedger } from '../../src/adapters/postgres/billing/ledger.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { runBilling } from '../../src/billing.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { idsOf } from '../meter/unique/ids.ts';
import { completeSeller } from '../support/sellers.ts';
import { ADMIN_TOKEN, type ApiRig, apiRig, RULES } from './api-rig.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const T0 = Date.UTC(2026, 2, 1);
const IDS = idsOf(Array.from({ length: 1000 }, (_, at) => at));
const CLOSES_AT = '2026-03-03T01:15:00Z';
const UNIQUE = { posts: 1000, isExact: true, standardError: 0, withoutId: 2_574_000 };

describe.each(LEDGER_KINDS)('finance over %s', (kind) => {
  let rig: ApiRig;
  let bill: () => Promise<unknown>;
  let invoiceId: string;

  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-finance');
    await completeSeller(rig.db);
    const ledger = postgresBillingLedger(rig.db, {
      rules: RULES,
      lead: processLead(),
      now: () => rig.nowMs ?? 0,
    });
    bill = () => runBilling(ledger, RULES, uuidv7, rig.nowMs ?? 0);
    rig.nowMs = T0 - HOUR_MS;
    await rig.call('POST', '/v1/clients', { json: { id: 'acme', name: 'ACME' } });
    // 2,600,000 posts in 26 minutes, in 100 requests each, of two identifiers.
    const usage = Array.from({ length: 26 }, (_, n) => ({
      clientId: 'acme',
      identifierId: n % 2 === 0 ? 'key-a' : 'key-b',
      bucketMs: T0 + n * MINUTE_MS,
      posts: 100_000,
      requests: 100,
      refused: n === 25 ? 3 : 0,
      bytes: 50_000_000,
      uncounted: n === 0 ? 1 : 0,
      // Every minute has the same 1,000 posts.
      ids: IDS,
    }));
    await postgresUsageLedger(rig.db).take({ journalId: 'j', firstSequence: 1, lastSequence: 1, usage });
    rig.nowMs = T0 + HOUR_MS;
    await bill();
  });
  afterAll(() => rig.close());

  test('an open breach has a draft', async () => {
    const { json } = await rig.call('GET', '/v1/breaches?client=acme&state=open');
    expect(json.items).toEqual([
      {
        id: expect.any(String),
        clientId: 'acme',
        state: 'open',
        from: '2026-03-01T00:00:00Z',
        to: '2026-03-01T00:26:00Z',
        // The last window over the threshold ends at 00:15 of the next day. One window and the permitted lateness
        // follow.
        closesAt: CLOSES_AT,
        posts: 2_600_000,
        billedPosts: 2_600_000,
        peakPosts: 2_600_000,
        peakAt: '2026-03-01T00:25:00Z',
        amount: '39000.00',
        currency: 'USD',
        unbilledReason: null,
      },
    ]);
    expect((await rig.call('GET', `/v1/breaches/${json.items[0].id}`)).json).toEqual(json.items[0]);
    expect((await rig.call('GET', '/v1/breaches?state=closed')).json).toEqual({ items: [], next: null });

    const invoices = (await rig.call('GET', '/v1/invoices?status=draft&client=acme')).json.items;
    expect(invoices).toHaveLength(1);
    expect(invoices[0]).toMatchObject({
      number: null,
      kind: 'invoice',
      status: 'draft',
      clientId: 'acme',
      legalName: null,
      breachId: json.items[0].id,
      posts: 2_600_000,
      amount: '39000.00',
      currency: 'USD',
      from: '2026-03-01T00:00:00Z',
      to: '2026-03-01T00:26:00Z',
      closesAt: CLOSES_AT,
      unique: UNIQUE,
    });
    invoiceId = invoices[0].id;
    const detail = (await rig.call('GET', `/v1/invoices/${invoiceId}`)).json;
    expect(detail).toMatchObject(invoices[0]);
    expect(detail.lines).toHaveLength(1);
    expect(detail.lines[0]).toMatchObject({
      posts: 2_600_000,
      quantity: 2_600_000,
      price: '15000.00',
      threshold: 1_000_000,
      windowSeconds: 86_400,
      block: 1_000_000,
      rounding: 'prorated',
      amount: '39000.00',
      peakPosts: 2_600_000,
      peakAt: '2026-03-01T00:25:00Z',
    });
  });

  test('a closed breach is approved and issued with billing details, only once', async () => {
    const act = (action: string) => rig.call('POST', `/v1/invoices/${invoiceId}/${action}`);
    const refusal = async (action: string, reason: RegExp) => {
      const answer = await act(action);
      expect(answer.status).toBe(409);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      const [fault] = answer.json.errors;
      expect(fault).toEqual({
        field: 'invoiceId',
        reason: expect.stringMatching(reason),
        hint: expect.any(String),
      });
    };
    await refusal('approve', /the breach is open/);
    await refusal('issue', /the breach is open/);

    rig.nowMs = T0 + 50 * HOUR_MS;
    await bill();
    await refusal('issue', /the invoice is not approved/);
    const approved = await act('approve');
    expect(approved.json).toMatchObject({ status: 'approved', approvedBy: 'ADMIN_TOKEN', number: null });
    expect((await act('approve')).json).toEqual(approved.json);
    await refusal('issue', /billing details have no legalName, address, email, currency/);

    const billing = {
      legalName: '=SUM(A1:A9)',
      address: 'Main St 1',
      email: 'pay@acme.example',
      currency: 'USD',
    };
    expect((await rig.call('PATCH', '/v1/clients/acme', { json: { billing } })).status).toBe(200);
    const issued = await act('issue');
    expect(issued.json).toMatchObject({
      status: 'issued',
      number: 1,
      issuedAt: '2026-03-03T02:00:00Z',
      closesAt: null,
      billTo: { ...billing, taxId: null },
      unique: UNIQUE,
    });
    await refusal('issue', /already issued as number 1/);
    await refusal('approve', /already issued as number 1/);
    await rig.call('PATCH', '/v1/clients/acme', { json: { billing: { legalName: 'Renamed' } } });
    // Late usage of that day would do this. An issued invoice keeps its content.
    await rig.db.execute('update unique_days set posts = 1001');
    expect((await rig.call('GET', `/v1/invoices/${invoiceId}`)).json).toEqual(issued.json);
    const actions = (await rig.call('GET', `/v1/audit?subject=invoices%2F${invoiceId}`)).json.items;
    expect(actions.length).toBeGreaterThanOrEqual(2);
  });

  test('the CSV of the list is a file without formulas, and a credit note is a negative number', async () => {
    // Billing would write this after a correction. The figures show the sign.
    await rig.db.execute(`
      insert into invoices (id, kind, status, client_id, currency, amount_minor)
      values ('${uuidv7()}', 'credit_note', 'draft', 'acme', 'USD', -1500002)`);
    for (const call of [
      rig.call('GET', '/v1/invoices?format=csv'),
      rig.call('GET', '/v1/invoices', { headers: { accept: 'text/csv' } }),
    ]) {
      const answer = await call;
      expect(answer.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
      expect(answer.headers.get('content-disposition')).toBe('attachment; filename="invoices.csv"');
      const [credit, invoice] = parse(answer.text, { columns: true, bom: true });
      expect(credit).toMatchObject({
        kind: 'credit_note',
        amount: '-15000.02',
        number: '',
        legalName: 'Renamed',
        uniquePosts: '',
      });
      expect(invoice).toMatchObject({
        number: '1',
        status: 'issued',
        client: 'acme',
        legalName: "'=SUM(A1:A9)",
        posts: '2600000',
        amount: '39000.00',
        currency: 'USD',
        issuedAt: '2026-03-03T02:00:00Z',
        uniquePosts: '1000',
        uniqueStandardError: '0',
        postsWithoutId: '2574000',
      });
    }
  });

  test('CSV begins with a byte order mark for spreadsheets', async () => {
    const mark = '\uFEFF';
    const startsWithMark = async (query: string, accept = '*/*') => {
      const response = await fetch(`${rig.url}${query}`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, accept, connection: 'close' },
      });
      // `text()` of fetch removes the mark.
      const text = Buffer.from(await response.arrayBuffer()).toString('utf8');
      expect(text.replace(mark, '')).toMatch(/^(number|client),/);
      return text.startsWith(mark);
    };
    for (const path of ['/v1/invoices', '/v1/clients/acme/usage']) {
      expect(await startsWithMark(`${path}?format=csv`)).toBe(true);
      expect(await startsWithMark(`${path}?format=csv&bom=0`)).toBe(false);
      expect(await startsWithMark(path, 'text/csv')).toBe(false);
      expect(await startsWithMark(`${path}?bom=1`, 'text/csv')).toBe(true);
    }
  });

  test('the CSV contains all invoices, and their pages have no gaps', async () => {
    await rig.call('POST', '/v1/clients', { json: { id: 'many', name: 'Many' } });
    const rows = Array.from({ length: 1203 }, () => `('${uuidv7()}', 'invoice', 'draft', 'many', 'USD', 1)`);
    await rig.db.execute(
      `insert into invoices (id, kind, status, client_id, currency, amount_minor) values ${rows.join()}`,
    );
    const csv = await rig.call('GET', '/v1/invoices?client=many&format=csv&limit=5');
    const ids = parse<{ id: string }>(csv.text, { columns: true, bom: true }).map(({ id }) => id);
    expect(new Set(ids).size).toBe(1203);
    const paged: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`;
      const page = await rig.call('GET', `/v1/invoices?client=many&limit=500${cursor}`);
      paged.push(...page.json.items.map(({ id }: { id: string }) => id));
      next = page.json.next;
    }
    expect(paged).toEqual(ids);
  });

  describe('usage', () => {
    test('comes in steps, each with the total of the 24 hours that end with it', async () => {
      const range = 'from=2026-02-28T23:30:00Z&to=2026-03-02T00:59:00Z';
      const { json } = await rig.call('GET', `/v1/clients/acme/usage?${range}&step=hour`);
      expect(json).toMatchObject({
        clientId: 'acme',
        from: '2026-02-28T23:00:00Z',
        to: '2026-03-02T01:00:00Z',
      });
      expect(json.points).toHaveLength(26);
      expect(json.points[0]).toMatchObject({ at: '2026-02-28T23:00:00Z', posts: 0, total: 0 });
      expect(json.points[1]).toEqual({
        at: '2026-03-01T00:00:00Z',
        posts: 2_600_000,
        requests: 2600,
        refused: 3,
        bytes: 1_300_000_000,
        uncounted: 1,
        total: 2_600_000,
      });
      // Neither the day before nor the day after has posts.
      expect(json.unique).toEqual([{ day: '2026-03-01', ...UNIQUE, posts: 1001 }]);
      expect(json.points[24]).toMatchObject({ at: '2026-03-01T23:00:00Z', posts: 0, total: 2_600_000 });
      expect(json.points[25]).toMatchObject({ at: '2026-03-02T00:00:00Z', posts: 0, total: 0 });
    });

    test('of all clients comes by hour, page by page, and only in the range', async () => {
      const usage = [3_599_000, 3_600_000, 7_260_000, 7_200_000].flatMap((offsetMs) =>
        ['addr:198.51.100.1', 'hourly-b'].map((clientId) => ({
          clientId,
          identifierId: `id-${offsetMs}`,
          bucketMs: Date.UTC(2026, 4, 1) + offsetMs,
          posts: 10,
          requests: 3,
          refused: 1,
          bytes: 7,
          uncounted: 0,
        })),
      );
      await rig.call('POST', '/v1/clients', { json: { id: 'hourly-b', name: 'b' } });
      await postgresUsageLedger(rig.db).take({ journalId: 'h', firstSequence: 1, lastSequence: 1, usage });
      const range = 'from=2026-05-01T01:00:00Z&to=2026-05-01T02:01:00Z';
      const found: unknown[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const { json } = await rig.call('GET', `/v1/usage?${range}&limit=1${more}`);
        expect(json.items).toHaveLength(1);
        found.push(...json.items);
        cursor = json.next;
      }
      const each = { posts: 10, requests: 3, refused: 1, bytes: 7, uncounted: 0 };
      expect(found).toEqual(
        ['addr:198.51.100.1', 'hourly-b'].flatMap((clientId) => [
          { clientId, at: '2026-05-01T01:00:00Z', ...each },
          { clientId, at: '2026-05-01T02:00:00Z', ...each },
        ]),
      );
    });

    test('has the same sum by minutes and by days', async () => {
      const minutes = await rig.call(
        'GET',
        '/v1/clients/acme/usage?from=2026-03-01T00:00:00Z&to=2026-03-02T00:26:00Z&step=minute',
      );
      const totals = minutes.json.points.map(({ total }: { total: number }) => total);
      expect(totals.slice(0, 3)).toEqual([100_000, 200_000, 300_000]);
      expect(totals[25]).toBe(2_600_000);
      expect(totals.slice(-2)).toEqual([100_000, 0]);
      const days = await rig.call(
        'GET',
        '/v1/clients/acme/usage?from=2026-03-01T00:00:00Z&step=day&to=2026-03-03T00:00:00Z',
      );
      expect(
        days.json.points.map(({ posts, total }: { posts: number; total: number }) => [posts, total]),
      ).toEqual([
        [2_600_000, 2_600_000],
        [0, 0],
      ]);
    });

    test('follows the window of the tariff', async () => {
      await rig.call('POST', '/v1/clients', { json: { id: 'short', name: 'Short window' } });
      await rig.call('POST', '/v1/clients/short/tariffs', {
        json: {
          terms: { windowSeconds: 120 },
          validFrom: '2026-03-01T00:00:00Z',
          correction: true,
          reason: 'test',
        },
      });
      const usage = [0, 1, 2, 5].map((n) => ({
        clientId: 'short',
        identifierId: 'k',
        bucketMs: T0 + n * MINUTE_MS,
        posts: 10 + n,
        requests: 1,
        refused: 0,
        bytes: 1,
        uncounted: 0,
      }));
      await postgresUsageLedger(rig.db).take({ journalId: 'k', firstSequence: 1, lastSequence: 1, usage });
      const at = (step: string) =>
        rig.call(
          'GET',
          `/v1/clients/short/usage?from=2026-03-01T00:00:00Z&to=2026-03-01T00:07:00Z&step=${step}`,
        );
      expect((await at('minute')).json.points.map(({ total }: { total: number }) => total)).toEqual([
        10, 21, 23, 12, 0, 15, 15,
      ]);
      // The hour ends long after the last post.
      expect((await at('hour')).json.points).toMatchObject([{ posts: 48, total: 0 }]);
    });

    test('as CSV by days, with their unique posts', async () => {
      const { text } = await rig.call(
        'GET',
        '/v1/clients/acme/usage?from=2026-03-01T00:00:00Z&to=2026-03-03T00:00:00Z&step=day&format=csv',
      );
      expect(text.split('\r\n')).toEqual([
        'client,at,posts,requests,refused,bytes,uncounted,total,uniquePosts,uniqueStandardError,postsWithoutId',
        'acme,2026-03-01T00:00:00Z,2600000,2600,3,1300000000,1,2600000,1001,0,2574000',
        'acme,2026-03-02T00:00:00Z,0,0,0,0,0,0,0,0,0',
        '',
      ]);
    });

    test('as CSV', async () => {
      const { text, headers } = await rig.call(
        'GET',
        '/v1/clients/acme/usage?from=2026-03-01T00:00:00Z&to=2026-03-01T02:00:00Z&format=csv',
      );
      expect(headers.get('content-disposition')).toBe('attachment; filename="usage-acme.csv"');
      expect(text.split('\r\n')).toEqual([
        'client,at,posts,requests,refused,bytes,uncounted,total',
        'acme,2026-03-01T00:00:00Z,2600000,2600,3,1300000000,1,2600000',
        'acme,2026-03-01T01:00:00Z,0,0,0,0,0,2600000',
        '',
      ]);
    });
  });

  test('the number series skips given numbers, only forward and with a reason', async () => {
    const series = async () => (await rig.call('GET', '/v1/invoice-numbers')).json;
    const advance = (json: object) => rig.call('POST', '/v1/invoice-numbers/advance', { json });
    const { last, leftOut } = await series();
    expect(leftOut).toEqual([]);

    const moved = await advance({ last: last + 5, reason: 'restored' });
    expect(moved.json).toEqual({
      series: 'invoices',
      counters: [{ series: 'invoices', last: last + 5, lastRecorded: null }],
      last: last + 5,
      lastRecorded: null,
      leftOut: [
        { after: last, upTo: last + 5, actor: 'ADMIN_TOKEN', reason: 'restored', at: expect.any(String) },
      ],
    });
    expect(await series()).toEqual(moved.json);

    const again = await advance({ last: last + 5, reason: 'restored' });
    expect([again.status, again.json.code]).toEqual([409, 'number_not_ahead']);
    const far = await advance({ last: last + 1_000_006, reason: 'restored' });
    expect(far.status).toBe(409);
    for (const json of [{ last: last + 6 }, { last: 0, reason: 'x' }, { last: last + 6, reason: '' }]) {
      expect((await advance(json)).status).toBe(400);
    }
    expect(await series()).toEqual(moved.json);
    const [audited] = (await rig.call('GET', '/v1/audit?subject=invoice-numbers')).json.items;
    expect(audited).toMatchObject({
      action: 'invoice_numbers.advanced',
      reason: 'restored',
      before: { last },
      after: { last: last + 5 },
    });
  });
});
