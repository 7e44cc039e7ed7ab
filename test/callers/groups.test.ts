import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallerActivity } from '../../src/callers/activity.ts';
import { type CallerGroup, type Grouping, groupCallers, rhythmOf } from '../../src/callers/groups.ts';
import { proposedRanges } from '../../src/callers/ranges.ts';
import { caller, inOrder, randomAddress, randomNumbers } from './seed.ts';

const group = (by: Grouping, callers: readonly CallerActivity[], min = 1): CallerGroup[] =>
  groupCallers(by, inOrder(callers), min);
const named = (groups: readonly CallerGroup[]) =>
  Object.fromEntries(groups.map(({ key, members }) => [key, members.map(({ clientId }) => clientId).sort()]));

const SEARCH = { '/search': 98, '/user': 2 };
const MORNING = [6, 7, 8];

/** 200 single callers and three groups of callers among them. */
function seed() {
  const random = randomNumbers(7);
  const single = Array.from({ length: 200 }, () =>
    caller(randomAddress(random), 1 + random(5_000), {
      userAgent: `Mozilla/5.0 (X11) Browser${String.fromCharCode(97 + random(26))}${random(999)}`,
      routes: { [`/r${random(40)}`]: 50, [`/r${random(40)}`]: 50 },
      hours: [random(24), random(24)],
    }),
  );
  const network = Array.from({ length: 41 }, (_, n) =>
    caller(`addr:203.0.113.${n + 1}`, 32_000, {
      userAgent: 'python-requests/2.31',
      routes: { '/search': 1 },
    }),
  );
  const agent = Array.from({ length: 60 }, () =>
    caller(randomAddress(random), 1_600, {
      userAgent: 'Scrapy/2.11 (+https://scrapy.org)',
      routes: { '/all': 1 },
    }),
  );
  const alike = Array.from({ length: 90 }, (_, n) =>
    caller(`addr:${11 + (n % 9)}.7.7.${n}`, 9_000, {
      userAgent: `fetcher/1.${n % 5}`,
      routes: { '/search': 90 + (n % 8), '/user': 2 },
      hours: MORNING,
    }),
  );
  return { single, network, agent, alike, all: [...single, ...network, ...agent, ...alike] };
}
const idsOf = (callers: readonly CallerActivity[]) => callers.map(({ clientId }) => clientId).sort();

describe('groups of a seed', () => {
  const { single, network, agent, alike, all } = seed();

  test('contain every caller of a network, a user agent and a behaviour, and no other', () => {
    expect(named(group('network', all))['203.0.113.0/24']).toEqual(idsOf(network));
    expect(named(group('user_agent', all))['Scrapy/2.11 (+https://scrapy.org)']).toEqual(idsOf(agent));
    const found = group('alike', all).filter(({ members }) =>
      members[0]!.userAgents[0]!.value.startsWith('fetcher'),
    );
    expect(found.map(({ members }) => idsOf(members))).toEqual([idsOf(alike)]);
    expect(found[0]).toMatchObject({ networks: 9, largest: 9_000, posts: 90 * 9_000 });
    expect(rhythmOf(found[0]!.hours)).toBe('06-09 UTC');
  });

  test.each(['network', 'user_agent', 'alike'] as const)(
    'of 200 single callers by %s have at most two callers',
    (by) => {
      expect(group(by, single).filter(({ members }) => members.length > 2)).toEqual([]);
    },
  );
});

describe('a network', () => {
  const at = (third: number, fourth: number, posts: number) =>
    caller(`addr:198.51.${third}.${fourth}`, posts);

  test('is the /16 if callers are in several of its /24', () => {
    expect(named(group('network', [at(1, 1, 9), at(2, 1, 9), at(2, 2, 9)]))).toEqual({
      '198.51.0.0/16': ['addr:198.51.1.1', 'addr:198.51.2.1', 'addr:198.51.2.2'],
    });
  });

  test('is the /24 if fewer than half of the addresses of the /16 are callers', () => {
    const visitors = Array.from({ length: 9 }, (_, n) => at(100 + n, 1, 1));
    expect(named(group('network', [at(1, 1, 500), at(1, 2, 500), at(2, 1, 500), ...visitors], 100))).toEqual({
      '198.51.1.0/24': ['addr:198.51.1.1', 'addr:198.51.1.2'],
      'addr:198.51.2.1': ['addr:198.51.2.1'],
    });
  });

  test('of IPv6 is the /48 or the /32', () => {
    const v6 = (text: string) => caller(`addr:2001:db8:${text}::/56`, 5);
    expect(Object.keys(named(group('network', [v6('1'), v6('1:100')])))).toEqual(['2001:db8:1::/48']);
    expect(Object.keys(named(group('network', [v6('1'), v6('2')])))).toEqual(['2001:db8::/32']);
  });

  test('that is a range of callers is shown and may not be named', () => {
    const range = caller('net:198.51.1.0/24', 900);
    expect(group('network', [at(1, 1, 5), range]).map(({ key, mayBeNamed }) => [key, mayBeNamed])).toEqual([
      ['net:198.51.1.0/24', false],
      ['addr:198.51.1.1', true],
    ]);
    expect(group('user_agent', [range])).toEqual([]);
  });

  test('has each caller in exactly one group, and dense ones only, whatever the addresses', () => {
    const address = fc
      .tuple(fc.constantFrom(1, 2), fc.nat({ max: 2 }), fc.nat({ max: 2 }), fc.nat({ max: 9 }))
      .map(([a, b, c, d]) => `${a}.${b}.${c}.${d}`);
    const entries = fc.uniqueArray(fc.tuple(address, fc.nat({ max: 20 })), {
      selector: ([text]) => text,
      maxLength: 60,
    });
    fc.assert(
      fc.property(entries, (all) => {
        const callers = all.map(([text, posts]) => caller(`addr:${text}`, posts));
        const groups = group('network', callers, 10);
        expect(groups.flatMap(({ members }) => idsOf(members)).sort()).toEqual(
          idsOf(callers.filter(({ posts }) => posts >= 10)),
        );
        for (const { key, members } of groups) {
          if (key.startsWith('addr:')) continue;
          const parts = key.split('/')[1] === '16' ? 2 : 3;
          const start = `addr:${key.split('.').slice(0, parts).join('.')}.`;
          const inside = callers.filter(({ clientId }) => clientId.startsWith(start));
          expect(inside.filter(({ posts }) => posts >= 10).length * 2).toBeGreaterThanOrEqual(inside.length);
          for (const { clientId } of members) expect(clientId.startsWith(start)).toBe(true);
        }
      }),
    );
  });
});

describe('callers alike', () => {
  const at = (network: number, traits: object) =>
    caller(`addr:10.${network}.0.1`, 500 - network, {
      userAgent: 'bot/1',
      routes: SEARCH,
      hours: MORNING,
      ...traits,
    });
  test.each([
    ['in three networks are a group', [{}, {}, {}], 3],
    ['in two networks are none', [{}, {}], 0],
    ['in another version of the user agent are in it', [{}, {}, { userAgent: 'bot/2.0.1' }], 3],
    ['with another user agent are not', [{}, {}, {}, { userAgent: 'curl/8' }], 3],
    ['without a known user agent are not', [{}, {}, {}, { userAgent: undefined }], 3],
    ['on other routes are not', [{}, {}, {}, { routes: { '/search': 1, '/user': 1 } }], 3],
    ['at other hours are not', [{}, {}, {}, { hours: [6, 20] }], 3],
  ])('%s', (_, traits, size) => {
    const found = group(
      'alike',
      traits.map((one, n) => at(n, one)),
    );
    expect(found.map(({ members }) => members.length)).toEqual(size === 0 ? [] : [size]);
  });

  test('are compared with at most 64 behaviours of a family, those of the largest callers', () => {
    const pairs = Array.from({ length: 24 }, (_, a) => Array.from({ length: a }, (__, b) => [a, b])).flat();
    const callers = pairs
      .slice(0, 80)
      .flatMap((hours, n) =>
        [1, 2, 3].map((network) =>
          caller(`addr:10.${network}.0.${n}`, 1_000 - n, { userAgent: 'bot/1', routes: SEARCH, hours }),
        ),
      );
    const found = group('alike', callers);
    expect(found.map(({ members }) => members.length)).toEqual(Array.from({ length: 64 }, () => 3));
    expect(Math.min(...found.map(({ largest }) => largest))).toBe(1_000 - 63);
  });
});

describe('proposed ranges', () => {
  test('are whole networks where most seen addresses are chosen, and single addresses elsewhere', () => {
    const dense = [1, 2, 3].map((n) => caller(`addr:203.0.113.${n}`, 10));
    const pair = [1, 2].map((n) => caller(`addr:198.51.100.${n}`, 10));
    const sparse = [1, 2, 3].map((n) => caller(`addr:192.0.2.${n}`, 10));
    const visitors = [4, 5, 6, 7].map((n) => caller(`addr:192.0.2.${n}`, 1));
    const v6 = caller('addr:2001:db8:1:100::/56', 10);
    expect(
      proposedRanges([...dense, ...pair, ...sparse, v6], [...dense, ...pair, ...sparse, ...visitors, v6]),
    ).toEqual([
      ...['192.0.2.1/32', '192.0.2.2/32', '192.0.2.3/32', '198.51.100.1/32', '198.51.100.2/32'],
      ...['2001:db8:1:100::/56', '203.0.113.0/24'],
    ]);
  });
});

test.each([
  [[23, 0], '23-01 UTC'],
  [[5], '05-06 UTC'],
  [Array.from({ length: 24 }, (_, hour) => hour), 'steady'],
])('posts in the hours %j have the rhythm %s', (hours, rhythm) => {
  expect(rhythmOf(caller('addr:192.0.2.1', 240, { hours }).hours)).toBe(rhythm);
});
