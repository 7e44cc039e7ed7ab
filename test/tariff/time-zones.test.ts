import { afterEach, describe, expect, it } from 'vitest';
import { bucketOf } from '../../src/meter/usage.ts';
import { isoTimestamp } from '../../src/report/timestamp.ts';
import { findBreaches } from '../../src/tariff/breach.ts';
import { licenceMonths, monthOf, nextMonth } from '../../src/tariff/licence.ts';
import { cutToBuckets } from '../../src/tariff/posts.ts';
import { DEFAULT_TARIFF, type Tariff } from '../../src/tariff/tariff.ts';
import { timelineOf } from '../../src/tariff/timeline.ts';
import { rate } from '../entry/commands/run-rate.ts';

const zones = ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
const ownZone = process.env.TZ;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function setZone(zone: string | undefined): void {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
}
afterEach(() => setZone(ownZone));

/** Results that every zone must compute exactly as UTC does. */
function inEveryZone<T>(compute: () => T): T {
  const answers = zones.map((zone) => {
    setZone(zone);
    return compute();
  });
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  return answers[0]!;
}

/** Midnight UTC of days around which clocks change by an hour or half an hour, or a day is added. */
const days = {
  'New York, spring': Date.UTC(2026, 2, 8),
  'New York, autumn': Date.UTC(2026, 10, 1),
  'Lord Howe, autumn': Date.UTC(2026, 3, 4),
  'Lord Howe, spring': Date.UTC(2026, 9, 3),
  '29 February': Date.UTC(2028, 1, 29),
  'no 29 February': Date.UTC(2027, 1, 28),
  'new year': Date.UTC(2026, 11, 31),
};

/** Two posts every ten minutes for five days, at seconds at which no bucket begins. */
const rowsAround = (dayAtMs: number) =>
  Array.from({ length: 5 * 144 }, (_, at) => ({
    bucketMs: dayAtMs - 2 * DAY_MS + at * 600_000 + 17_123,
    posts: 2,
  }));

it('a process changes its time zone on request', () => {
  const offsets = zones.map((zone) => {
    setZone(zone);
    return [days['New York, spring'], days['Lord Howe, spring']].map((atMs) =>
      new Date(atMs).getTimezoneOffset(),
    );
  });
  expect(new Set(offsets.map(String)).size).toBe(zones.length);
});

describe.each(Object.entries(days))('around %s', (_name, dayAtMs) => {
  const rows = rowsAround(dayAtMs);
  const periodsOf = (tariff: Tariff) =>
    timelineOf('a', [{ id: 't', clientId: null, version: 1, validFromMs: 0, tariff }], 60);

  it('buckets and timestamps are in UTC', () => {
    const cut = inEveryZone(() =>
      cutToBuckets(rows, 60).map(({ bucketMs }) => [bucketMs, isoTimestamp(bucketMs)]),
    );
    for (const [bucketMs, iso] of cut as Array<[number, string]>) {
      expect(bucketMs % 60_000).toBe(0);
      expect(Date.parse(iso)).toBe(bucketMs);
    }
    expect(inEveryZone(() => rows.map(({ bucketMs }) => bucketOf(bucketMs, 60)))).toEqual(
      rows.map(({ bucketMs }) => bucketMs - (bucketMs % 60_000)),
    );
  });

  it('a window is 24 hours', () => {
    const posts = cutToBuckets(rows, 60);
    const breachesOver = (threshold: number) =>
      inEveryZone(() => findBreaches(posts, periodsOf({ ...DEFAULT_TARIFF, threshold }), 60));
    // Any 24 hours contain exactly 144 times two posts.
    expect(breachesOver(288)).toEqual([]);
    expect(breachesOver(287)).toMatchObject([{ posts: posts.length * 2 }]);
  });

  it('a month is a calendar month in UTC', () => {
    const { block, priceMinor, currency, rounding, count } = DEFAULT_TARIFF;
    const terms: Tariff = { kind: 'licence', included: 100, block, priceMinor, currency, rounding, count };
    const months = inEveryZone(() => licenceMonths(cutToBuckets(rows, 60), periodsOf(terms), 60));
    const expected = new Map<number, number>();
    for (const { bucketMs, posts } of rows) {
      const [year, month] = new Date(bucketMs).toISOString().split('-').map(Number);
      const monthMs = Date.UTC(year!, month! - 1);
      expected.set(monthMs, (expected.get(monthMs) ?? 0) + posts);
    }
    expect(months.map(({ monthMs, posts }) => [monthMs, posts])).toEqual([...expected]);
    for (const { monthMs } of months) {
      expect(inEveryZone(() => nextMonth(monthMs))).toBe(inEveryZone(() => monthOf(monthMs + 31 * DAY_MS)));
    }
  });
});

describe('postmeter rate', () => {
  const rated = async (...moments: string[]) => {
    const csv = ['client,at,posts', ...moments.map((at) => `a,${at},600000`)].join('\n');
    const answers: unknown[] = [];
    for (const zone of zones) {
      setZone(zone);
      answers.push(JSON.parse(await rate(csv)).clients[0]);
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    return answers[0] as { breaches: unknown[]; amount: string };
  };

  it.each([
    ['a day of 23 hours fits in the window', '2026-03-08T00:30:00-05:00', '2026-03-09T00:30:00-04:00', 1],
    [
      'a day of 25 hours does not fit in the window',
      '2026-11-01T00:30:00-04:00',
      '2026-11-02T00:30:00-05:00',
      0,
    ],
    ['24 hours are 24, though a clock shows 23', '2026-11-01T00:30:00-04:00', '2026-11-01T23:30:00-05:00', 0],
    ['one minute less fits in the window', '2026-11-01T00:30:00-04:00', '2026-11-01T23:29:00-05:00', 1],
    [
      'an hour that occurs twice counts as two hours',
      '2026-11-01T01:30:00-04:00',
      '2026-11-02T00:45:00-05:00',
      0,
    ],
    ['Lord Howe changes by half an hour', '2026-04-05T00:10:00+11:00', '2026-04-06T00:05:00+10:30', 0],
    ['29 February is a day', '2028-02-28T12:00:00Z', '2028-03-01T11:59:00Z', 0],
    ['from 29 February to 1 March', '2028-02-29T12:00:00Z', '2028-03-01T11:59:00Z', 1],
    ['without 29 February, 1 March follows 28 February', '2027-02-28T12:00:00Z', '2027-03-01T11:59:00Z', 1],
  ])('%s', async (_name, one, other, breaches) => {
    const client = await rated(one, other);
    expect(client.breaches).toHaveLength(breaches);
    expect(client.amount).toBe(breaches === 1 ? '18000.00' : '0.00');
  });

  it('rejects a date that does not exist', async () => {
    await expect(rated('2027-02-29T00:00:00Z')).rejects.toThrow('does not exist');
  });
});
