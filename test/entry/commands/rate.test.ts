import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/entry/usage-error.ts';
import { rate } from './run-rate.ts';

const rated = async (csv: string, tariff?: unknown, more?: readonly string[]) =>
  JSON.parse(await rate(csv, tariff, more)).clients;

async function refusal(csv: string, tariff?: unknown): Promise<string> {
  const error = await rate(csv, tariff).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  return error instanceof Error ? error.message : '';
}

describe('postmeter rate', () => {
  it('adds up rows in any order, with any order of columns and any notation of time', async () => {
    const csv = [
      '\uFEFFposts,client,note,at',
      '1,a,,2026-03-01T00:10:59.999Z',
      '400000,"b, Inc.",x,1772323800',
      '500000,a,,2026-03-01T01:10:00+01:00',
      '',
      '500000,a,,2026-03-01T00:10:30Z',
      '700000,"b, Inc.",x,1772323800.5',
    ].join('\r\n');
    expect(await rated(csv)).toEqual([
      {
        client: 'a',
        posts: 1_000_001,
        amount: '15000.02',
        currency: 'USD',
        breaches: [
          {
            from: '2026-03-01T00:10:00Z',
            to: '2026-03-01T00:11:00Z',
            posts: 1_000_001,
            billedPosts: 1_000_001,
            peakPosts: 1_000_001,
            peakAt: '2026-03-01T00:10:00Z',
            amount: '15000.02',
          },
        ],
      },
      expect.objectContaining({ client: 'b, Inc.', posts: 1_100_000, amount: '16500.00' }),
    ]);
  });

  it('orders clients by code point and keeps those without a breach', async () => {
    const clients = await rated('client,at,posts\n\u{1F600},0,1\n\uFFFD,0,0\nb,0,1\nB,0,1\n');
    expect(clients.map((client: { client: string }) => client.client)).toEqual([
      'B',
      'b',
      '\uFFFD',
      '\u{1F600}',
    ]);
    expect(clients[2]).toEqual({ client: '\uFFFD', posts: 0, amount: '0.00', currency: 'USD', breaches: [] });
  });

  it('splits into shorter buckets on request', async () => {
    const csv = 'client,at,posts\na,0,6\na,59,6\n';
    const tariff = { threshold: 10, windowSeconds: 60, block: 1, price: '1.00' };
    expect(await rated(csv, tariff, ['--bucket-seconds', '1'])).toMatchObject([{ amount: '12.00' }]);
    expect(await rated('client,at,posts\na,0,6\na,60,6\n', tariff, ['--bucket-seconds', '1'])).toMatchObject([
      { amount: '0.00' },
    ]);
    await expect(rate(csv, tariff, ['--bucket-seconds', '7'])).rejects.toThrow('Use 1, 10 or 60');
  });

  it('shows the months of a licence, and nothing to pay if exempt', async () => {
    const csv = 'client,at,posts\na,2026-03-31T23:59:59Z,30\na,2026-04-01T00:00:00Z,20\n';
    const licence = { kind: 'licence', included: 25, block: 10, price: '1.00' };
    expect(await rated(csv, licence)).toEqual([
      {
        client: 'a',
        posts: 50,
        amount: '0.50',
        currency: 'USD',
        breaches: [],
        months: [
          { month: '2026-03', posts: 30, included: 25, billedPosts: 5, amount: '0.50' },
          { month: '2026-04', posts: 20, included: 25, billedPosts: 0, amount: '0.00' },
        ],
      },
    ]);
    expect(await rated(csv, { kind: 'exempt' })).toEqual([
      { client: 'a', posts: 50, amount: '0.00', currency: 'USD', breaches: [] },
    ]);
  });

  it('rates nothing if there are no rows', async () => {
    expect(await rated('client,at,posts\n')).toEqual([]);
  });
});

describe('postmeter rate refuses', () => {
  const good = 'client,at,posts\na,0,1\n';
  it.each([
    ['', 'line 1: client: is missing'],
    ['client,at\na,0\n', 'line 1: posts: is missing'],
    ['client,at,at,posts\n', 'line 1: at: occurs twice'],
    [`${good}a,0\n`, 'line 3: posts: is missing'],
    [`${good},0,1\n`, 'line 3: client: is missing'],
    [`${good}a,2026-02-30T00:00:00Z,1\n`, 'line 3: at: "2026-02-30T00:00:00Z" does not exist'],
    [`${good}a,2026-03-01T24:00:00Z,1\n`, 'does not exist'],
    [`${good}a,2026-13-01T00:00:00Z,1\n`, 'does not exist'],
    [`${good}a,2026-03-01T00:00:00+25:00,1\n`, 'does not exist'],
    [`${good}a,2026-03-01T00:00:00,1\n`, 'line 3: at: "2026-03-01T00:00:00" has no time zone'],
    [`${good}a,2026-03-01,1\n`, 'is not a date with a time'],
    [`${good}a,yesterday,1\n`, 'is not a date with a time'],
    [`${good}a,1772323800000,1\n`, 'is too large for epoch seconds'],
    [`${good}a,-5,1\n`, 'is not a date with a time'],
    [`${good}a,0,-1\n`, 'line 3: posts: "-1" is negative'],
    [`${good}a,0,1.5\n`, 'line 3: posts: "1.5" is not a whole number'],
    [`${good}a,0,1e3\n`, 'is not a whole number'],
    [`${good}a,0,9007199254740992\n`, 'line 3: posts: "9007199254740992" is too large'],
    [`${good}a,0,9007199254740991\n`, 'line 3: posts: raises the total of client "a" above'],
    [`${good}\n\n"a\nb",0,x\n`, 'line 6: posts'],
    [`${good}"a,0,1\n`, 'is not CSV'],
    [`${good}a"b,0,1\n`, 'line 3: row: is not CSV'],
  ])('%j', async (csv, message) => {
    const text = await refusal(csv);
    expect(text).toContain(message);
    expect(text).toMatch(/; \w/);
  });

  it('an invalid tariff, with field, reason and hint', async () => {
    expect(await refusal(good, '{"threshold":1e400}')).toMatch(/threshold is not a number in range; write/);
    expect(await refusal(good, { treshold: 1, block: 0 })).toMatch(
      /block is below 1.*\n.*treshold is not a field/s,
    );
    expect(await refusal(good, '{"threshold":')).toMatch(/is not JSON/);
    expect(await refusal(good, '[]')).toMatch(/the tariff is not an object/);
    expect(await refusal(good, { count: 'unique' })).toMatch(/count is "unique", .* none; use "deliveries"/);
  });

  it('a missing file', async () => {
    await expect(rate(good, undefined, ['--tariff', '/nowhere.json'])).rejects.toThrow(/cannot be read/);
  });
});
