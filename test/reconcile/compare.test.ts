import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compare, type LedgerHour, type Row } from '../../src/reconcile/compare.ts';
import { Hours } from '../../src/reconcile/hours.ts';
import type { LogLine } from '../../src/reconcile/log-line.ts';
import { LogSums } from '../../src/reconcile/log-sums.ts';
import { Summary } from '../../src/reconcile/summary.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const T0 = Date.UTC(2026, 2, 1);
const RANGE = { fromMs: T0, toMs: T0 + 3 * HOUR_MS, slackMs: MINUTE_MS };
const EXACT = { posts: 0, percent: 0 };

const line = (atMs: number, posts: number | null, more: Partial<LogLine> = {}): LogLine => ({
  atMs,
  clientId: null,
  address: null,
  posts,
  status: 200,
  bytes: null,
  method: 'GET',
  ...more,
});

const hour = (clientId: string, index: number, posts: number, requests = 1): LedgerHour => ({
  clientId,
  atMs: T0 + index * HOUR_MS,
  posts,
  requests,
  bytes: 0,
});

interface Logged {
  readonly clientId: string;
  readonly line: LogLine;
}

async function rowsOf(
  ledger: readonly LedgerHour[],
  log: readonly Logged[],
  { range = RANGE, tolerance = EXACT } = {},
): Promise<{ rows: Row[]; summary: Summary; sums: LogSums }> {
  const hours = new Hours(range);
  const sums = new LogSums(hours);
  for (const { clientId, line } of log) sums.add(clientId, line);
  const rows: Row[] = [];
  const summary = new Summary();
  async function* given() {
    yield* ledger;
  }
  for await (const row of compare(given(), sums, hours, tolerance)) {
    rows.push(row);
    summary.add(row);
  }
  return { rows, summary, sums };
}

const shown = (rows: readonly Row[]) =>
  rows.map(({ clientId, fromMs, state, onlyIn }) => [clientId, (fromMs - T0) / HOUR_MS, state, onlyIn]);

describe('the hours of a range', () => {
  it('may be cut at both ends', () => {
    const hours = new Hours({ fromMs: T0 + 10 * MINUTE_MS, toMs: T0 + 130 * MINUTE_MS, slackMs: 0 });
    const spans = Array.from({ length: hours.count }, (_, at) => [hours.fromMs(at), hours.toMs(at)]);
    expect(spans.map((span) => span.map((atMs) => (atMs - T0) / MINUTE_MS))).toEqual([
      [10, 60],
      [60, 120],
      [120, 130],
    ]);
    expect([9, 10, 59, 60, 129, 130].map((at) => hours.indexOf(T0 + at * MINUTE_MS))).toEqual([
      -1, 0, 0, 1, 2, 3,
    ]);
  });

  it('contain each moment of the range once', () => {
    const minutes = fc.integer({ min: 0, max: 3000 });
    fc.assert(
      fc.property(
        minutes,
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: -10, max: 6010 }),
        (from, length, at) => {
          const range = { fromMs: T0 + from * MINUTE_MS, toMs: T0 + (from + length) * MINUTE_MS, slackMs: 0 };
          const hours = new Hours(range);
          const atMs = T0 + at * MINUTE_MS;
          const holding = Array.from({ length: hours.count }, (_, index) => index).filter(
            (index) => hours.fromMs(index) <= atMs && atMs < hours.toMs(index),
          );
          const inRange = atMs >= range.fromMs && atMs < range.toMs;
          expect(holding).toEqual(inRange ? [hours.indexOf(atMs)] : []);
          if (!inRange) expect([-1, hours.count]).toContain(hours.indexOf(atMs));
        },
      ),
    );
  });
});

describe('the posts of a log line', () => {
  it.each([
    ['200', line(T0, 5), 5],
    ['201', line(T0, 5, { status: 201 }), 5],
    ['a switched connection', line(T0, 5, { status: 101 }), 5],
    ['no status', line(T0, 5, { status: null }), 5],
    ['no count', line(T0, null), 0],
    ['204', line(T0, 5, { status: 204 }), 0],
    ['HEAD', line(T0, 5, { method: 'HEAD' }), 0],
    ['304', line(T0, 5, { status: 304 }), 0],
    ['404', line(T0, 5, { status: 404 }), 0],
    ['499', line(T0, 5, { status: 499 }), 0],
    ['500', line(T0, 5, { status: 500 }), 0],
  ])('%s', async (name, logged, posts) => {
    const { rows, sums } = await rowsOf([hour('a', 0, posts)], [{ clientId: 'a', line: logged }]);
    expect(rows).toMatchObject([{ state: 'equal', log: { posts, requests: 1 } }]);
    expect(sums.withoutPosts).toBe(name === 'no count' ? 1 : 0);
    expect(sums.passedOver).toBe(['HEAD', '304', '404', '499', '500'].includes(name) ? 1 : 0);
  });

  it('counts only the range; lines near it may belong to it', async () => {
    const log = [-61_000, -1_000, 0, 3 * HOUR_MS - 1, 3 * HOUR_MS, 3 * HOUR_MS + 60_000].map((offsetMs) => ({
      clientId: 'a',
      line: line(T0 + offsetMs, 1),
    }));
    const { rows, sums } = await rowsOf([hour('a', 0, 1), hour('a', 2, 1)], log);
    expect([sums.lines, sums.outside]).toEqual([2, 2]);
    expect(shown(rows)).toEqual([
      ['a', 0, 'equal', null],
      ['a', 2, 'equal', null],
    ]);
    const { rows: moved } = await rowsOf([hour('a', 0, 2, 2), hour('a', 2, 2, 2)], log);
    expect(shown(moved).map(([, , state]) => state)).toEqual(['edge', 'edge']);
    const { rows: more } = await rowsOf([hour('a', 0, 3, 3), hour('a', 2, 2, 2)], log);
    expect(shown(more).map(([, , state]) => state)).toEqual(['ledger_has_more', 'edge']);
  });
});

describe('comparing', () => {
  const at = (clientId: string, offsetMs: number, posts: number) => ({
    clientId,
    line: line(T0 + offsetMs, posts),
  });
  const NOON = 30 * MINUTE_MS;

  it('reports how an hour differs, and which clients are in one source only', async () => {
    const { rows, summary } = await rowsOf(
      [
        hour('a', 0, 20),
        hour('b', 0, 21),
        hour('c', 0, 19),
        hour('d', 1, 5),
        hour('f', 0, 7, 2),
        hour('g', 0, 0, 0),
      ],
      [at('a', NOON, 20), at('b', NOON, 20), at('c', NOON, 20), at('e', NOON, 6), at('f', NOON, 7)],
    );
    expect(shown(rows)).toEqual([
      ['a', 0, 'equal', null],
      ['b', 0, 'ledger_has_more', null],
      ['c', 0, 'ledger_has_less', null],
      ['d', 1, 'ledger_has_more', 'ledger'],
      ['f', 0, 'requests', null],
      // The gateway refused all of them, so the upstream saw no request.
      ['g', 0, 'equal', null],
      ['e', 0, 'ledger_has_less', 'log'],
    ]);
    expect(summary.rows).toEqual({ equal: 2, edge: 0, ledger_has_more: 2, ledger_has_less: 2, requests: 1 });
    expect([summary.morePosts, summary.lessPosts]).toEqual([6, 7]);
    expect([...summary.onlyIn.ledger.values()]).toEqual([{ clientId: 'd', posts: 5, requests: 1 }]);
    expect([...summary.onlyIn.log.values()]).toEqual([{ clientId: 'e', posts: 6, requests: 1 }]);
    expect(summary.differs(false)).toBe(true);
  });

  it('lets request counts decide only if requested', async () => {
    const { summary } = await rowsOf([hour('f', 0, 7, 2)], [at('f', NOON, 7)]);
    expect([summary.differs(false), summary.differs(true)]).toEqual([false, true]);
  });

  it('moves posts between hours, and never to another client', async () => {
    const { rows, summary } = await rowsOf(
      [hour('a', 0, 20), hour('a', 1, 10), hour('b', 0, 20), hour('c', 1, 20)],
      [
        at('a', HOUR_MS + 500, 20),
        at('a', HOUR_MS + NOON, 10),
        at('b', HOUR_MS + 61_000, 20),
        at('c', HOUR_MS - 500, 20),
      ],
    );
    expect(shown(rows)).toEqual([
      ['a', 0, 'edge', null],
      ['a', 1, 'edge', null],
      ['b', 0, 'ledger_has_more', null],
      ['b', 1, 'ledger_has_less', null],
      ['c', 0, 'edge', null],
      ['c', 1, 'edge', null],
    ]);
    expect(summary.edgePosts).toBe(0);
  });

  it.each([
    [{ posts: 5, percent: 0 }, 100, 105, 'edge'],
    [{ posts: 5, percent: 0 }, 100, 106, 'ledger_has_less'],
    [{ posts: 0, percent: 1 }, 1_000, 990, 'edge'],
    [{ posts: 0, percent: 1 }, 1_000, 989, 'ledger_has_more'],
    [{ posts: 11, percent: 1 }, 1_000, 989, 'edge'],
  ])('%j: %i against %i is %s', async (tolerance, ledger, log, state) => {
    const { rows } = await rowsOf([hour('a', 0, ledger)], [at('a', NOON, log)], { tolerance });
    expect(rows.map((row) => row.state)).toEqual([state]);
  });

  it('agrees with the slow comparison, and finds exactly the falsified rows', async () => {
    const served = fc.array(
      fc.record({
        clientId: fc.constantFrom('a', 'b', 'c'),
        // Far from the edges of hours, so that nothing can have been moved.
        minute: fc.integer({ min: 0, max: 179 }).filter((minute) => minute % 60 >= 1 && minute % 60 < 59),
        posts: fc.nat(100),
      }),
      { maxLength: 40 },
    );
    const falsified = fc.option(
      fc.record({
        clientId: fc.constantFrom('a', 'b', 'c', 'd'),
        index: fc.nat(2),
        posts: fc.integer({ min: 1, max: 9 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(served, falsified, async (all, lie) => {
        const sums = new Map<string, LedgerHour>();
        const add = (clientId: string, index: number, posts: number, requests: number) => {
          const key = `${clientId} ${index}`;
          const known = sums.get(key) ?? hour(clientId, index, 0, 0);
          sums.set(key, { ...known, posts: known.posts + posts, requests: known.requests + requests });
        };
        for (const { clientId, minute, posts } of all) add(clientId, Math.floor(minute / 60), posts, 1);
        if (lie !== null) add(lie.clientId, lie.index, lie.posts, 0);
        const ledger = [...sums.keys()].sort().map((key) => sums.get(key)!);
        const log = all.map(({ clientId, minute, posts }) => at(clientId, minute * MINUTE_MS, posts));
        const { rows, summary } = await rowsOf(ledger, log);
        expect(rows).toHaveLength(sums.size);
        const wrong = rows.filter(({ state }) => state !== 'equal');
        expect(shown(wrong).map((cells) => cells.slice(0, 3))).toEqual(
          lie === null ? [] : [[lie.clientId, lie.index, 'ledger_has_more']],
        );
        expect(summary.morePosts).toBe(lie?.posts ?? 0);
        expect(summary.posts.log).toBe(all.reduce((sum, { posts }) => sum + posts, 0));
      }),
    );
  });
});
