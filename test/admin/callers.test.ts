/** Unknown callers through the admin API, against sums over the minutes by brute force. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresCountingLedger } from '../../src/adapters/postgres/counting/counting-ledger.ts';
import { postgresUsageLedger } from '../../src/adapters/postgres/usage/ledger.ts';
import type { Usage } from '../../src/meter/usage.ts';
import { LEDGER_KINDS } from '../adapters/postgres/empty-ledger.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const T0 = Date.UTC(2026, 2, 1);

describe.each(LEDGER_KINDS)('unknown callers, over %s', (kind) => {
  let rig: ApiRig;
  const usage: Usage[] = [];

  beforeAll(async () => {
    rig = await apiRig(kind, 'admin-callers');
    rig.nowMs = T0 + DAY_MS;
    const add = (clientId: string, minute: number, posts: number) => {
      const figures = { posts, requests: 1, refused: 0, bytes: 10, uncounted: 0 };
      usage.push({ clientId, identifierId: clientId, bucketMs: T0 + minute * MINUTE_MS, ...figures });
    };
    // 30 addresses of one network that are over the line only together, and one that is there by itself.
    for (let n = 1; n <= 30; n++)
      for (const minute of [60, 100 + n, 1_439]) add(`addr:203.0.113.${n}`, minute, 15_000);
    for (const minute of [-1, 0, 700]) add('addr:198.51.100.7', minute, 300_000);
    add('addr:2001:db8:1:100::/56', 5, 10);
    add('net:192.0.2.0/24', 5, 2_000_000);
    add('acme', 5, 3_000_000);
    await postgresUsageLedger(rig.db).take({ journalId: 'j', firstSequence: 1, lastSequence: 1, usage });
    const day = { dayMs: T0, requests: 3, posts: 45_000 } as const;
    const traits = Array.from({ length: 30 }, (_, n) => [
      {
        ...day,
        clientId: `addr:203.0.113.${n + 1}`,
        trait: 'user_agent',
        value: '<b>bot/1</b> \u202e',
      } as const,
      {
        ...day,
        clientId: `addr:203.0.113.${n + 1}`,
        trait: 'route',
        value: n === 0 ? '/user' : '/search',
      } as const,
    ]).flat();
    await postgresCountingLedger(rig.db).add({ source: 's', sequence: 2, hours: [], callers: traits });
  });
  afterAll(() => rig.close());

  const ask = async (query: string) => (await rig.call('GET', `/v1/callers?${query}`)).json;

  test('are grouped by network and judged as one, the largest group first', async () => {
    const { items, ...rest } = await ask('by=network');
    expect(rest).toEqual({
      ...{ from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z', threshold: 1_000_000 },
      ...{ seen: 33, grouped: 33, groups: 4, chosen: null },
    });
    expect(items.map(({ key, mayBeNamed }: Record<string, unknown>) => [key, mayBeNamed])).toEqual([
      ['net:192.0.2.0/24', false],
      ['203.0.113.0/24', true],
      ['addr:198.51.100.7', true],
      ['addr:2001:db8:1:100::/56', true],
    ]);
    expect(items[1]).toMatchObject({
      ...{ by: 'network', callers: 30, total: 1_350_000, peak: 1_350_000, share: 1.35, breaches: 1 },
      ...{
        comesTo: [{ currency: 'USD', amount: '20250.00' }],
        largest: 45_000,
        networks: 1,
        userAgentsKnown: 1,
      },
      userAgents: [{ value: '<b>bot/1</b> \u202e', requests: 90, posts: 1_350_000 }],
      routes: [
        { value: '/search', requests: 87, posts: 29 * 45_000 },
        { value: '/user', requests: 3, posts: 45_000 },
      ],
    });
    expect(items[2]).toMatchObject({
      callers: 1,
      total: 600_000,
      share: 0.6,
      breaches: 0,
      comesTo: [],
      userAgents: [],
    });
    for (const { key, total } of items) {
      const start = key.startsWith('203') ? 'addr:203.0.113.' : key;
      const inRange = usage.filter(({ bucketMs, clientId }) => bucketMs >= T0 && clientId.startsWith(start));
      expect(total).toBe(inRange.reduce((sum, { posts }) => sum + posts, 0));
    }
  });

  test('count in the range that is asked, by whole buckets', async () => {
    const { items, from, to } = await ask('from=2026-02-28T23:59:30Z&to=2026-03-01T00:00:30Z');
    expect([from, to]).toEqual(['2026-02-28T23:59:00Z', '2026-03-01T00:01:00Z']);
    expect(items).toMatchObject([{ key: 'addr:198.51.100.7', total: 600_000 }]);
  });

  test('with fewer posts than asked are neighbours, but not grouped', async () => {
    expect(await ask('min=45001&limit=1')).toMatchObject({ seen: 33, grouped: 2, groups: 2, items: [{}] });
  });

  test('are grouped by user agent, and those without one that is known in no group', async () => {
    const { items } = await ask('by=user_agent');
    expect(items).toMatchObject([{ key: '<b>bot/1</b> \u202e', callers: 30, by: 'user_agent' }]);
    expect((await ask('by=alike')).items).toEqual([]);
  });

  test('of several groups are judged together, each once, with ranges that would recognise them', async () => {
    const chosen = (...keys: string[]) =>
      ask(keys.map((key) => `group=${encodeURIComponent(key)}`).join('&'));
    const answer = await chosen('203.0.113.0/24', 'addr:198.51.100.7', '203.0.113.0/24');
    expect(answer.chosen).toMatchObject({
      ...{ callers: 31, total: 1_950_000, peak: 1_950_000, share: 1.95, breaches: 1 },
      comesTo: [{ currency: 'USD', amount: '29250.00' }],
      ranges: ['198.51.100.7/32', '203.0.113.0/24'],
    });
    expect(answer.chosen.callerIds).toHaveLength(31);
    expect((await chosen('addr:198.51.100.7')).chosen).toMatchObject({
      callers: 1,
      total: 600_000,
      breaches: 0,
    });
  });

  test.each([
    ['by=colour', 'by is not one of the allowed values: use one of network, user_agent, alike'],
    ['from=2026-03-03T00:00:00Z', 'from is not before `to`: use a time before 2026-03-02T00:00:00Z'],
    ['from=2026-01-01T00:00:00Z', 'from is more than 31 days before `to`: ask for a shorter range'],
    [
      'group=10.0.0.0/24',
      'group is not in the list: 10.0.0.0/24: use keys of groups of the same list that may be named',
    ],
    [
      'group=net:192.0.2.0/24',
      'group is a range of callers, which is never billed: net:192.0.2.0/24: use keys of groups of the same list that may be named',
    ],
  ])('asked by %s are refused', async (query, detail) => {
    expect(await ask(query)).toMatchObject({ status: 400, detail });
  });
});
