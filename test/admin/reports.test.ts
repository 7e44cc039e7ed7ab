import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { addRandomBook } from '../adapters/postgres/report/random-book.ts';
import { isInstalled } from '../support/services/installed.ts';
import { type ApiRig, apiRig } from './api-rig.ts';
import { addClients, billAndSort, drawMinutes, type ServedMinute, serveMinutes } from './seeded-clients.ts';

const NOW_MS = Date.UTC(2026, 2, 2, 12, 0, 30);
const MONTHS = ['2026-01', '2026-02', '2026-03'];

describe.each(LEDGER_KINDS)('the API of reports, over %s', (kind) => {
  let rig: ApiRig;
  let served: ServedMinute[];
  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-reports');
    rig.nowMs = NOW_MS - 60 * 86_400_000;
    const terms = { threshold: 9_000 };
    await rig.call('POST', '/v1/tariffs', { json: { terms, reason: 'test' } });
    rig.nowMs = NOW_MS;
    await addRandomBook(rig.db, 5, 40);
    await addClients(
      rig,
      [1, 2, 3].map((n) => ({ id: `c00${n}`, name: `Client ${n}` })),
    );
    served = [1, 2, 3].flatMap((n) => drawMinutes(`c00${n}`, NOW_MS, 2_000, n));
    await serveMinutes(rig, served);
    await billAndSort(rig, NOW_MS);
  });
  afterAll(() => rig.close());

  const report = async (path: string) => (await rig.call('GET', `/v1/reports/${path}`)).json;

  test('lists the reports with their questions, formulas and parameters', async () => {
    const { items } = (await rig.call('GET', '/v1/reports')).json;
    expect(items.map(({ name }: { name: string }) => name)).toEqual([
      ...['revenue', 'ageing', 'dso', 'tax', 'collection', 'write-offs', 'usage'],
    ]);
    for (const { formula, question } of items) {
      expect(question).toMatch(/\?$/);
      expect(formula.length).toBeGreaterThan(0);
    }
  });

  test('usage equals sums over the minutes that were served', async () => {
    const { rows, from, to } = await report('usage?from=2026-01-15&to=2026-03-02');
    expect({ from, to }).toEqual({ from: '2026-01-15', to: '2026-03-02' });
    const inRange = served.filter(
      ({ atMs }) => atMs >= Date.parse('2026-01-15') && atMs < Date.parse('2026-03-03'),
    );
    const expected = ['c001', 'c002', 'c003'].flatMap((client) =>
      MONTHS.map((month) => {
        const own = inRange.filter(
          (one) => one.clientId === client && new Date(one.atMs).toISOString().startsWith(month),
        );
        const sum = (name: 'posts' | 'requests' | 'uncounted') =>
          own.reduce((all, one) => all + one[name], 0);
        return { client, month, posts: sum('posts'), requests: sum('requests'), uncounted: sum('uncounted') };
      }).filter(({ requests }) => requests > 0),
    );
    expect(
      rows.map(({ client, month, posts, requests, uncounted }: Record<string, unknown>) => ({
        ...{ client, month, posts, requests, uncounted },
      })),
    ).toEqual(expected);
    const breaches = (await rig.call('GET', '/v1/breaches?limit=1000')).json.items.filter(
      ({ from: at }: { from: string }) => at >= '2026-01-15',
    );
    expect(breaches.length).toBeGreaterThan(0);
    const counted = rows.reduce((sum: number, row: { breaches: number }) => sum + row.breaches, 0);
    expect(counted).toBe(breaches.length);
    const peaks = rows.map(({ peak }: { peak: number | null }) => peak ?? 0);
    expect(Math.max(...peaks)).toBe(Math.max(...breaches.map((one: { peakPosts: number }) => one.peakPosts)));
  });

  test('CSV has the rows of the JSON, a byte order mark, and a file name', async () => {
    for (const path of ['revenue?from=2025-05-01', 'ageing?asAt=2026-02-01', 'usage?from=2026-01-15']) {
      const { columns, rows } = await report(path);
      const csv = await rig.call('GET', `/v1/reports/${path}&format=csv`);
      expect(csv.headers.get('content-disposition')).toContain(`${path.split('?')[0]}.csv`);
      const parsed = parse<Record<string, string>>(csv.text, { bom: true, columns: true });
      expect(parsed).toHaveLength(rows.length);
      expect(Object.keys(parsed[0]!)).toEqual(columns.map(({ name }: { name: string }) => name));
      for (const [at, row] of rows.entries()) {
        for (const [name, value] of Object.entries(row)) {
          expect(parsed[at]![name]!.replace(/^'(?==)/, '')).toBe(value === null ? '' : String(value));
        }
      }
    }
  });

  test('defaults to twelve months until today, and as at today', async () => {
    expect(await report('revenue')).toMatchObject({
      from: '2025-04-01',
      to: '2026-03-02',
      asAt: '2026-03-02',
    });
  });

  test.each([
    ['revenue?from=2026-02-02&to=2026-02-01', 'from', 'is after `to`'],
    ['revenue?from=2020-01-01&to=2026-02-01', 'from', 'is more than 5 years before `to`'],
    ['revenue?from=2026-02-30', 'from', 'has the wrong format'],
    ['ageing?from=2026-02-01', 'from', 'is not a parameter of this report'],
    ['usage?currency=USD', 'currency', 'is not a parameter of this report'],
    ['tax?currency=usd', 'currency', 'is not an ISO 4217 currency code'],
    ['profit', 'report', 'is not one of the allowed values'],
  ])('refuses %s', async (path, field, reason) => {
    const { status, json } = await rig.call('GET', `/v1/reports/${path}`);
    expect(status).toBe(400);
    expect(json.errors[0].field).toBe(field);
    expect(json.errors[0].reason).toMatch(reason);
    expect(json.errors[0].hint.length).toBeGreaterThan(3);
  });

  test.runIf(isInstalled('soffice'))('a spreadsheet reads numbers, dates and names of the CSV', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postmeter-reports-'));
    try {
      const { rows } = await report('write-offs?from=2025-05-01&asAt=2027-01-01');
      expect(rows.length).toBeGreaterThan(0);
      const csv = await rig.call('GET', '/v1/reports/write-offs?from=2025-05-01&asAt=2027-01-01&format=csv');
      await writeFile(join(folder, 'report.csv'), `\uFEFF${csv.text}`);
      const profile = `-env:UserInstallation=file://${folder}/profile`;
      // 44: comma, 34: quote, 76: UTF-8, 1: from the first line. The cells are detected as on a double click.
      const filter = '--infilter=CSV:44,34,76,1,,1033,false,true';
      const run = promisify(execFile);
      await run('soffice', [
        profile,
        '--headless',
        filter,
        '--convert-to',
        'fods',
        '--outdir',
        folder,
        join(folder, 'report.csv'),
      ]);
      const sheet = await readFile(join(folder, 'report.fods'), 'utf8');
      for (const { on, amount, clientName, reason } of rows) {
        expect(sheet).toContain(`office:date-value="${on}"`);
        expect(sheet).toContain(`office:value-type="float" office:value="${Number(amount)}"`);
        for (const text of [clientName, reason])
          expect(sheet).toContain(`<text:p>${text.replaceAll('"', '&quot;')}</text:p>`);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
