import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf } from '../../../../src/adapters/postgres/connection/db.ts';
import { postgresCountingLedger } from '../../../../src/adapters/postgres/counting/counting-ledger.ts';
import type { CallerDay } from '../../../../src/callers/port.ts';
import type { CountingBatch, CountingLedger, RouteSums } from '../../../../src/report/routes/port.ts';
import { type EmptyLedger, emptyLedger, LEDGER_KINDS } from '../empty-ledger.ts';

const HOUR_MS = 3_600_000;
const T0 = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 5 * HOUR_MS;

const batch = (source: string, sequence: number, routes: RouteSums[], hour = 0): CountingBatch => ({
  source,
  sequence,
  hours: [
    {
      hourMs: T0 + hour * HOUR_MS,
      lastMs: T0 + hour * HOUR_MS + sequence * 1_000,
      routes,
      paths: [{ path: '/hidden/{id}', responses: 1, bytes: 10 }],
    },
  ],
});
const counted = (route: string, responses: number, posts: number): RouteSums => ({
  route,
  outcome: 'counted',
  responses,
  posts,
  bytes: posts * 100,
});

describe.each(LEDGER_KINDS)('counts by route on %s', (kind) => {
  let empty: EmptyLedger;
  let ledger: CountingLedger;
  beforeAll(async () => {
    empty = await emptyLedger(kind, `counting-${kind}`);
    ledger = postgresCountingLedger(empty.ledger.db);
  });
  afterAll(() => empty.drop());

  test('an empty ledger has no figures and no beginning', async () => {
    expect(await ledger.report(0, T0 + 100 * HOUR_MS)).toEqual({ sinceMs: null, routes: [], paths: [] });
  });

  test('batches of many sources add up, each once, even if they are offered several times by different processes', async () => {
    const other = postgresCountingLedger((await empty.another()).db);
    const batches = Array.from({ length: 8 }, (_, source) =>
      [1, 2, 3].map((sequence) =>
        batch(`source-${source}`, sequence, [counted('/b', 1, 20), counted('/a', 2, 10)]),
      ),
    );
    await Promise.all(
      batches.map(async (own) => {
        for (const one of own) {
          await Promise.all([ledger.add(one), other.add(one)]);
          await ledger.add(one);
        }
      }),
    );
    expect(await ledger.report(T0, T0 + HOUR_MS)).toEqual({
      sinceMs: T0,
      routes: [
        { route: '/a', outcome: 'counted', responses: 48, posts: 240, bytes: 24_000, lastMs: T0 + 3_000 },
        { route: '/b', outcome: 'counted', responses: 24, posts: 480, bytes: 48_000, lastMs: T0 + 3_000 },
      ],
      paths: [{ path: '/hidden/{id}', responses: 24, bytes: 240 }],
    });
  });

  test('a report contains the hours that start in its range', async () => {
    await ledger.add(batch('later', 1, [counted('/c', 1, 1)], 2));
    const routesOf = async (from: number, to: number) =>
      (await ledger.report(T0 + from * HOUR_MS, T0 + to * HOUR_MS)).routes.map(({ route }) => route);
    expect(await routesOf(0, 2)).toEqual(['/a', '/b']);
    expect(await routesOf(1, 2)).toEqual([]);
    expect(await routesOf(2, 3)).toEqual(['/c']);
  });

  test('old hours are removed, and so are the rarest paths of a finished hour', async () => {
    const old = { ...batch('old', 2, [counted('/old', 1, 1)]).hours[0]!, hourMs: T0 - 93 * 24 * HOUR_MS };
    await ledger.add({ source: 'old', sequence: 2, hours: [old] });
    expect((await ledger.report(0, T0)).routes.map(({ route }) => route)).toEqual(['/old']);
    const paths = Array.from({ length: 150 }, (_, n) => ({ path: `/p${n}`, responses: n + 1, bytes: 1 }));
    await ledger.add({
      source: 'wide',
      sequence: 1,
      hours: [{ hourMs: T0 + HOUR_MS, lastMs: T0, routes: [counted('/w', 1, 1)], paths }],
    });
    expect((await ledger.report(0, T0)).routes).toEqual([]);
    const rows = await empty.ledger.db.execute(
      `select count(*)::int as n, min(responses)::int as least from unmatched_paths
       where hour_at = '${new Date(T0 + HOUR_MS).toISOString()}'`,
    );
    const [row] =
      'rows' in (rows as object)
        ? (rows as unknown as { rows: object[] }).rows
        : (rows as unknown as object[]);
    expect(row).toEqual({ n: 100, least: 51 });
  });

  test('traits of callers add up once, and a tidy keeps the 8 most frequent values of the days that are retained', async () => {
    const DAY_MS = 24 * HOUR_MS;
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const row = (value: string, requests: number, dayMs = today): CallerDay => ({
      ...{ dayMs, clientId: 'addr:192.0.2.1', trait: 'user_agent', value, requests, posts: requests * 10 },
    });
    const add = (sequence: number, callers: CallerDay[]) =>
      ledger.add({ source: 'callers', sequence, hours: [], callers });
    const kept = async () => {
      const rows = await rowsOf(
        empty.ledger.db,
        sql`select value, requests::int as requests, posts::int as posts from caller_days order by requests desc, value`,
      );
      return rows.map(({ value, requests, posts }) => `${value} ${requests} ${posts}`);
    };
    await add(2, [
      row("it's <b>\u202e", 2),
      row('old', 5, today - 29 * DAY_MS),
      row('older', 5, today - 31 * DAY_MS),
    ]);
    await add(2, [row("it's <b>\u202e", 2)]);
    await add(3, [row("it's <b>\u202e", 3), row("it's <b>\u202e", 4)]);
    expect(await kept()).toEqual(["it's <b>\u202e 9 90", 'old 5 50', 'older 5 50']);
    await add(
      361,
      Array.from({ length: 9 }, (_, n) => row(`v${n}`, n + 1)),
    );
    expect(await kept()).toEqual([
      "it's <b>\u202e 9 90",
      'v8 9 90',
      'v7 8 80',
      'v6 7 70',
      'v5 6 60',
      'old 5 50',
      'v4 5 50',
      'v3 4 40',
      'v2 3 30',
    ]);
  });
});
