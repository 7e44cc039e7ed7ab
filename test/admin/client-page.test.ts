/** What the page of one client reads: its chart, its readings and its notes, compared with slow and obvious oracles. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import { rateCommand } from '../../src/entry/commands/rate.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW_MS = Date.UTC(2026, 2, 3, 12, 0, 30);
const END_MS = NOW_MS - 30_000 + MINUTE_MS;
const iso = (atMs: number) => `${new Date(atMs).toISOString().slice(0, 19)}Z`;

/** Posts of each minute of the last three days: a quiet client that takes much for six hours. */
const SERVED = new Map(
  Array.from({ length: 72 * 60 }, (_, back) => {
    const atMs = END_MS - (back + 1) * MINUTE_MS;
    const isBusy = back > 30 * 60 && back < 36 * 60;
    return [atMs, back % 7 === 0 ? 0 : isBusy ? 200 + (back % 13) : back % 5] as const;
  }),
);
const TARIFF_CHANGE_MS = END_MS - 20 * HOUR_MS;
const THRESHOLD = 50_000;
const LATER_THRESHOLD = 40_000;
const TERMS = { threshold: THRESHOLD, price: '150.00', block: 1_000 };

function totalAt(atMs: number): number {
  let sum = 0;
  for (let back = 0; back < 1_440; back++) sum += SERVED.get(atMs - back * MINUTE_MS) ?? 0;
  return sum;
}

describe.each(LEDGER_KINDS)('the page of one client, over %s', (kind) => {
  let rig: ApiRig;
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-client-page');
    rig.nowMs = NOW_MS - 100 * 24 * HOUR_MS;
    for (const id of ['acme', 'quiet', 'free'])
      await rig.call('POST', '/v1/clients', { json: { id, name: id } });
    const tariff = (id: string, terms: unknown) =>
      rig.call('POST', `/v1/clients/${id}/tariffs`, { json: { terms, reason: 'agreed' } });
    expect((await tariff('acme', TERMS)).status).toBe(201);
    expect((await tariff('free', { kind: 'exempt' })).status).toBe(201);
    rig.nowMs = TARIFF_CHANGE_MS;
    expect((await tariff('acme', { ...TERMS, threshold: LATER_THRESHOLD })).status).toBe(201);
    rig.nowMs = NOW_MS;
    const none = { requests: 1, refused: 0, bytes: 1, uncounted: 0 };
    await postgresUsageLedger(rig.db).take({
      ...{ journalId: 'gateway', firstSequence: 1, lastSequence: 1 },
      usage: [...SERVED].flatMap(([bucketMs, posts]) =>
        (bucketMs < END_MS - 24 * HOUR_MS ? ['acme'] : ['acme', 'free']).map((clientId) => ({
          ...{ clientId, identifierId: 'key', bucketMs, posts },
          ...none,
        })),
      ),
      gaps: [
        { fromMs: NOW_MS - 5 * HOUR_MS, toMs: NOW_MS - 4 * HOUR_MS, responses: 3, posts: 40 },
        { fromMs: NOW_MS - 4.5 * HOUR_MS, toMs: NOW_MS - 3 * HOUR_MS, responses: 2, posts: 5 },
        { fromMs: NOW_MS - 200 * HOUR_MS, toMs: NOW_MS - 199 * HOUR_MS, responses: 1, posts: 1 },
      ],
    });
    const values = {
      ...{ client_id: 'acme', posts: 60_000, billed_posts: 60_000, peak_posts: 60_000, currency: 'USD' },
      ...{ amount_minor: 900_000, state: 'settling', peak_at: iso(END_MS - 30 * HOUR_MS) },
      ...{ stretch_from: iso(END_MS - 54 * HOUR_MS), stretch_to: iso(END_MS - 6 * HOUR_MS) },
      ...{ from_at: iso(END_MS - 40 * HOUR_MS), to_at: iso(END_MS - 28 * HOUR_MS) },
    };
    const columns = Object.keys(values).join(', ');
    const literals = Object.values(values).map((value) => `'${value}'`);
    await rig.db.execute(`insert into breaches (id, ${columns}) values ('${uuidv7()}', ${literals})`);
  });
  afterAll(() => rig.close());

  describe('the chart', () => {
    it('shows the totals of a brute force over minutes, the threshold, and where it is exceeded', async () => {
      const { status, json } = await rig.call('GET', '/v1/clients/acme/chart');
      // Two days before 12:01, rounded down to five minutes.
      const from = iso(END_MS - 48 * HOUR_MS - MINUTE_MS);
      expect([status, json.from, json.to]).toEqual([200, from, iso(END_MS)]);
      expect([json.stepSeconds, json.points.length]).toEqual([300, 577]);
      const minutes = [...SERVED.keys()]
        .filter((atMs) => atMs >= Date.parse(json.from))
        .sort((a, b) => a - b)
        .map((atMs) => ({ atMs, total: totalAt(atMs), posts: SERVED.get(atMs)! }));
      for (const { at, min, max, posts } of json.points.filter(
        (_: unknown, index: number) => index % 9 === 0,
      )) {
        const inStep = minutes.filter(({ atMs }) => iso(atMs) >= at && atMs < Date.parse(at) + 300_000);
        const totals = inStep.map(({ total }) => total);
        const sum = inStep.reduce((all, one) => all + one.posts, 0);
        expect([min, max, posts]).toEqual([Math.min(...totals), Math.max(...totals), sum]);
      }
      // A window uses the highest threshold in force in any of its minutes.
      expect(json.threshold).toEqual([{ from: json.from, to: json.to, value: THRESHOLD }]);
      const over = minutes.filter(({ total }) => total > THRESHOLD);
      expect(json.over).toEqual([{ from: iso(over[0]!.atMs), to: iso(over.at(-1)!.atMs + MINUTE_MS) }]);
      const highest = Math.max(...minutes.map(({ total }) => total));
      expect(json.peak).toEqual({
        total: highest,
        at: iso(minutes.find(({ total }) => total === highest)!.atMs),
      });
    });

    it('has the breaches, the joined gaps and the versions of the tariff in the range', async () => {
      const { json } = await rig.call('GET', '/v1/clients/acme/chart');
      expect(json.breaches).toMatchObject([{ clientId: 'acme', state: 'settling', amount: '9000.00' }]);
      expect(json.gaps).toEqual([
        { from: iso(NOW_MS - 5 * HOUR_MS), to: iso(NOW_MS - 3 * HOUR_MS), responses: 5, posts: 45 },
      ]);
      expect(json.tariffs).toMatchObject([
        { version: 1, isOwn: true, kind: 'damages' },
        { version: 2, isOwn: true, kind: 'damages', from: iso(TARIFF_CHANGE_MS) },
      ]);
      const query = new URLSearchParams({ from: iso(END_MS - 10 * HOUR_MS), to: iso(END_MS - 9 * HOUR_MS) });
      const part = (await rig.call('GET', `/v1/clients/acme/chart?${query}`)).json;
      expect([part.stepSeconds, part.points.length]).toEqual([60, 60]);
      expect([part.breaches, part.gaps, part.tariffs.length]).toEqual([[], [], 1]);
    });

    it('has a total but no threshold for an exempt client, and zeros for a client without usage', async () => {
      const free = (await rig.call('GET', '/v1/clients/free/chart')).json;
      expect([free.threshold, free.over]).toEqual([[], []]);
      expect(free.points.at(-1).max).toBe(totalAt(END_MS - MINUTE_MS));
      const quiet = (await rig.call('GET', '/v1/clients/quiet/chart')).json;
      expect(quiet.peak).toEqual({ total: 0, at: quiet.from });
      expect(quiet.threshold).toMatchObject([{ value: 1_000_000 }]);
    });

    it.each([
      ['an empty range', 'from=2026-03-02T00:00:00Z&to=2026-03-02T00:00:00Z', 'is not before `to`'],
      ['a range in the future', 'from=2027-01-01T00:00:00Z', 'is in the future'],
      ['a future range with an end', 'from=2027-01-01T00:00:00Z&to=2027-01-02T00:00:00Z', 'is in the future'],
      ['a year of minutes', 'from=2025-03-01T00:00:00Z', 'over the limit of 150000'],
      ['an unknown parameter', 'step=day', 'is not a known field'],
    ])('refuses %s', async (_what, query, reason) => {
      const { status, json } = await rig.call('GET', `/v1/clients/acme/chart?${query}`);
      expect(status).toBe(400);
      expect(json.detail).toContain(reason);
    });

    it('refuses a client that does not exist', async () => {
      expect((await rig.call('GET', '/v1/clients/nobody/chart')).status).toBe(404);
      expect((await rig.call('GET', '/v1/clients/nobody/readings')).status).toBe(404);
    });
  });

  describe('the readings', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'postmeter-readings-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    /** The amount of `postmeter rate` for the usage of a range. */
    async function rate(terms: object, fromMs: number, toMs: number): Promise<string> {
      const rows = [...SERVED]
        .filter(([atMs, posts]) => atMs >= fromMs && atMs < toMs && posts > 0)
        .map(([atMs, posts]) => `acme,${iso(atMs)},${posts}`);
      await writeFile(join(folder, 'usage.csv'), ['client,at,posts', ...rows, ''].join('\n'));
      await writeFile(join(folder, 'tariff.json'), JSON.stringify(terms));
      let text = '';
      const command = rateCommand().configureOutput({
        writeOut: (part) => {
          text += part;
        },
      });
      const files = [join(folder, 'usage.csv'), '--tariff', join(folder, 'tariff.json')];
      await command.parseAsync(files, { from: 'user' });
      return JSON.parse(text).clients[0].amount;
    }

    it('equal `postmeter rate` for each of the six combinations, with given terms and those in force', async () => {
      const [fromMs, toMs] = [END_MS - 60 * HOUR_MS, END_MS - 25 * HOUR_MS];
      const range = { from: iso(fromMs), to: iso(toMs) };
      const inForce = (await rig.call('GET', `/v1/clients/acme/readings?${new URLSearchParams(range)}`)).json;
      const other = { threshold: '30000', price: '99.99', block: '777', basis: 'excess' };
      const query = new URLSearchParams({ ...range, ...other });
      const given = (await rig.call('GET', `/v1/clients/acme/readings?${query}`)).json;
      expect([inForce.isGiven, given.isGiven]).toEqual([false, true]);
      expect([inForce.combinations.length, given.combinations.length]).toEqual([6, 6]);
      for (const { basis, rounding, amount } of inForce.combinations) {
        expect(amount).toBe(await rate({ ...TERMS, basis, rounding }, fromMs, toMs));
        expect(Number(amount)).toBeGreaterThan(0);
      }
      for (const { basis, rounding, amount } of given.combinations) {
        const terms = { threshold: 30_000, price: '99.99', block: 777 };
        expect(amount).toBe(await rate({ ...terms, basis, rounding }, fromMs, toMs));
      }
      const used = ({ isUsed }: { isUsed: boolean }) => isUsed;
      expect(inForce.combinations.filter(used)).toMatchObject([{ basis: 'all', rounding: 'prorated' }]);
      expect(given.combinations.filter(used)).toMatchObject([{ basis: 'excess', rounding: 'prorated' }]);
      expect(given.readings.filter(used)).toMatchObject([
        { name: 'as_billed', sentence: 'The given terms.', amount: given.combinations[3].amount },
      ]);
      expect(inForce.readings.map(({ name }: { name: string }) => name)).toEqual(
        expect.arrayContaining(['as_billed', 'basis_excess', 'calendar_days', 'rolling_hours']),
      );
    });

    it('are empty for an exempt client', async () => {
      const { json } = await rig.call('GET', '/v1/clients/free/readings');
      expect([json.combinations, json.readings]).toEqual([[], []]);
      expect(json.posts).toBeGreaterThan(0);
    });

    it('of a licence are its price of the posts beyond the included ones', async () => {
      rig.nowMs = NOW_MS - HOUR_MS;
      await rig.call('POST', '/v1/clients/quiet/tariffs', {
        json: { terms: { kind: 'licence', included: 10, price: '1.00', block: 1 }, reason: 'contract' },
      });
      rig.nowMs = NOW_MS;
      await rig.db.execute(`insert into usage
        values ('quiet', 'key', '${iso(END_MS - MINUTE_MS)}', 14, 1, 0, 1, 0)`);
      const { json } = await rig.call('GET', '/v1/clients/quiet/readings');
      expect(json.readings[0]).toMatchObject({ name: 'as_billed', posts: 4, amount: '4.00' });
    });

    it.each([
      ['threshold=0', 'threshold is below 1'],
      ['price=abc', 'price is not a plain decimal number'],
      ['windowSeconds=90', 'windowSeconds is not a multiple of the bucket'],
      ['currency=XXY', 'currency is not an ISO 4217 currency code'],
      ['threshold=many', 'threshold'],
    ])('refuse the terms %s', async (query, reason) => {
      const { status, json } = await rig.call('GET', `/v1/clients/acme/readings?${query}`);
      expect(status).toBe(400);
      expect(json.detail).toContain(reason);
    });
  });

  describe('notes', () => {
    it('are kept with their author, newest first, and recorded in the audit log', async () => {
      const token = await rig.tokenWith('finance');
      const odd = 'Zahlt später.\n\u202eabc 🧾 <script>alert(1)</script>';
      const path = '/v1/clients/acme/notes';
      expect((await rig.call('POST', path, { json: { text: 'Their counsel called.' } })).status).toBe(201);
      rig.nowMs = NOW_MS + 1000;
      const added = await rig.call('POST', path, { token, json: { text: odd } });
      expect(added.status).toBe(201);
      const { json } = await rig.call('GET', path);
      expect(json.items.map(({ text }: { text: string }) => text)).toEqual([odd, 'Their counsel called.']);
      expect(json.items[1].author).toBe('ADMIN_TOKEN');
      expect(json.items[0].author).toMatch(/^finance \(token /);
      const first = (await rig.call('GET', `${path}?limit=1`)).json;
      const next = (await rig.call('GET', `${path}?limit=1&cursor=${first.next}`)).json;
      expect([first.items[0].id, next.items[0].id, next.next]).toEqual([
        json.items[0].id,
        json.items[1].id,
        null,
      ]);
      const audit = (await rig.call('GET', '/v1/audit?subject=clients/acme/notes')).json.items;
      expect(audit).toMatchObject([{ action: 'note.added', after: { text: odd } }, { action: 'note.added' }]);
      rig.nowMs = NOW_MS;
    });

    it('cannot be changed or deleted', async () => {
      await expect(rig.db.execute(`update client_notes set text = 'other'`)).rejects.toThrow();
      await expect(rig.db.execute('delete from client_notes')).rejects.toThrow();
    });

    it.each([
      ['no text', { text: ' ' }, 400],
      ['a text that is too long', { text: 'x'.repeat(2_001) }, 400],
      ['control characters', { text: 'a\u0000b' }, 400],
    ])('refuse %s', async (_what, json, status) => {
      expect((await rig.call('POST', '/v1/clients/acme/notes', { json })).status).toBe(status);
    });

    it('need a client that exists, and a role that writes', async () => {
      const json = { text: 'note' };
      expect((await rig.call('POST', '/v1/clients/nobody/notes', { json })).status).toBe(404);
      const token = await rig.tokenWith('viewer');
      expect((await rig.call('POST', '/v1/clients/acme/notes', { json, token })).status).toBe(403);
    });
  });
});
