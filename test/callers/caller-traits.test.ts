import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CallerTraits, keepsTraits, userAgentOf } from '../../src/callers/caller-traits.ts';
import { FrequentValues, MAX_VALUES } from '../../src/callers/frequent-values.ts';
import { DEFAULT_TARIFF } from '../../src/tariff/tariff.ts';

describe('frequent values', () => {
  test('keep every value above an eighth of all requests, never count one too low, and keep the sums', () => {
    const value = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c') },
      fc.string({ maxLength: 2 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(value, fc.nat({ max: 50 })), { maxLength: 200 }), (stream) => {
        const kept = new FrequentValues();
        const exact = new Map<string, { requests: number; posts: number }>();
        for (const [text, posts] of stream) {
          kept.add(text, 1, posts);
          const before = exact.get(text) ?? { requests: 0, posts: 0 };
          exact.set(text, { requests: before.requests + 1, posts: before.posts + posts });
        }
        const sum = (name: 'requests' | 'posts') =>
          kept.counts.reduce((total, count) => total + count[name], 0);
        expect(kept.counts.length).toBeLessThanOrEqual(MAX_VALUES);
        expect(sum('requests')).toBe(stream.length);
        expect(sum('posts')).toBe(stream.reduce((total, [, posts]) => total + posts, 0));
        for (const { value: text, requests } of kept.counts) {
          expect(requests).toBeGreaterThanOrEqual(exact.get(text)!.requests);
        }
        for (const [text, { requests }] of exact) {
          if (requests > stream.length / MAX_VALUES)
            expect(kept.counts.map((one) => one.value)).toContain(text);
          if (exact.size > MAX_VALUES) continue;
          expect(kept.counts).toContainEqual({ value: text, ...exact.get(text) });
        }
      }),
    );
  });
});

describe('traits of callers', () => {
  test('wait in memory until the caller is kept, and are given out once', () => {
    const traits = new CallerTraits();
    traits.saw('addr:192.0.2.1', 'curl', '/a', 1, 10);
    traits.saw('addr:192.0.2.1', 'curl', '/b', 0, 5);
    traits.saw('addr:192.0.2.2', 'wget', '/a', 1, 1);
    expect(traits.take(() => false, false)).toEqual([]);
    expect(
      traits.take(() => true, false),
      'not seen since',
    ).toEqual([]);
    traits.saw('addr:192.0.2.1', 'curl', '/a', 1, 1);
    traits.saw('addr:192.0.2.2', 'wget', '/a', 1, 1);
    expect(traits.take((id) => id === 'addr:192.0.2.1', false)).toEqual([
      { clientId: 'addr:192.0.2.1', trait: 'user_agent', value: 'curl', requests: 2, posts: 16 },
      { clientId: 'addr:192.0.2.1', trait: 'route', value: '/a', requests: 2, posts: 11 },
      { clientId: 'addr:192.0.2.1', trait: 'route', value: '/b', requests: 0, posts: 5 },
    ]);
    expect(traits.take(() => true, false)).toEqual([]);
  });

  test('of callers that are not kept are forgotten at the end of the day', () => {
    const traits = new CallerTraits();
    traits.saw('addr:192.0.2.1', 'curl', '/a', 1, 10);
    expect(traits.take(() => false, true)).toEqual([]);
    traits.saw('addr:192.0.2.1', 'curl', '/a', 1, 1);
    expect(traits.take(() => true, false)[0]).toMatchObject({ requests: 1, posts: 1 });
  });

  test('are gathered of a bounded number of callers, and a full memory is emptied by a take', () => {
    const traits = new CallerTraits();
    for (let at = 0; at < 20_001; at++) traits.saw(`addr:${at}`, '', '', 1, 1);
    expect(traits.take((id) => id === 'addr:20000' || id === 'addr:1', false)).toHaveLength(2);
    traits.saw('addr:20000', '', '', 1, 1);
    expect(traits.take(() => true, false)).toHaveLength(2);
  });

  test.each([
    ['1,000 posts of a million', DEFAULT_TARIFF, 1_000, false],
    ['1,001 posts of a million', DEFAULT_TARIFF, 1_001, true],
    ['1,001 posts, exempt', { kind: 'exempt' } as const, 1_001, true],
    ['11 posts of 10,000', { ...DEFAULT_TARIFF, threshold: 10_000 }, 11, true],
  ])('%s are kept or not by 0.1 %% of the threshold', (_, tariff, total, isKept) => {
    expect(keepsTraits(tariff, total)).toBe(isKept);
  });
});

test.each([
  [['Host', 'a', 'USER-AGENT', 'curl/8'], 'curl/8'],
  [['Host', 'a'], ''],
  [['User-Agent', 'x'.repeat(300)], 'x'.repeat(200)],
  [['User-Agent', 'a\tb\u0000c\ud800d'], 'a\ufffdb\ufffdc\ufffdd'],
  [['User-Agent', '\u202e<script>'], '\u202e<script>'],
  [['User-Agent', '😀'.repeat(201)], '😀'.repeat(200)],
])('the user agent of %j is kept as text', (headers, text) => {
  expect(userAgentOf(headers)).toBe(text);
});
