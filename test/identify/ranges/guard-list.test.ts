import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listFault } from '../../../src/identify/ranges/guard-list.ts';
import { containsPrefix, type Prefix, parsePrefix } from '../../../src/identify/ranges/prefix.ts';
import { SHIPPED_LISTS } from '../../../src/identify/ranges/shipped-lists.ts';
import { sizeOf } from '../../../src/identify/ranges/size.ts';
import { draws } from '../../support/draws.ts';

const list = (...texts: readonly string[]): Prefix[] => texts.map((text) => parsePrefix(text)!);
const GOOD = list('66.249.64.0/19', '2001:4860:4801::/48');

describe('a list', () => {
  test.each([
    ['0.0.0.0/0', 'wider than /8'],
    ['16.0.0.0/7', 'wider than /8'],
    ['::/0', 'wider than /19'],
    ['2600::/18', 'wider than /19'],
    ['::ffff:0:0/96', 'wider than /8'],
    ['64:ff9b::/96', 'not in public address space'],
    ['fe80::/64', 'not in public address space'],
    ['fd00::/48', 'not in public address space'],
    ['10.1.2.3', 'overlaps 10.0.0.0/8'],
    ['172.0.0.0/8', 'overlaps 172.16.0.0/12'],
    ['192.168.1.0/24', 'overlaps 192.168.0.0/16'],
    ['100.0.0.0/9', 'overlaps 100.64.0.0/10'],
    ['127.0.0.1', 'overlaps 127.0.0.0/8'],
    ['::ffff:10.0.0.0/104', 'overlaps 10.0.0.0/8'],
    ['2001:db8::/48', 'overlaps 2001:db8::/32'],
    ['2002:a00::/24', 'overlaps 2002::/16'],
  ])('with %s is refused: %s', (text, reason) => {
    expect(listFault([...GOOD, ...list(text)], null)).toContain(reason);
  });

  test('may hold a /8 and a /19, and at most four of each', () => {
    const v4 = ['20.0.0.0/8', '34.0.0.0/8', '52.0.0.0/8', '40.0.0.0/8'];
    const v6 = ['2600::/19', '2620::/19', '2a00::/19', '2400::/19'];
    expect(listFault(list(...v4, ...v6), null)).toBeNull();
    expect(listFault(list(...v4, '8.8.8.8'), null)).toContain('covers more than 67108864 IPv4 addresses');
    expect(listFault(list(...v6, '2801::/64'), null)).toContain('IPv6 networks of /64');
    expect(listFault(list(...v4, '20.1.0.0/16', '20.0.0.0/8'), null)).toBeNull();
  });

  test('that lost more than half of its addresses is refused, whatever its lines', () => {
    const before = list('66.249.64.0/20');
    expect(listFault(list('66.249.64.0/21'), before)).toBeNull();
    const many = Array.from({ length: 2_047 }, (_, at) => `66.249.${64 + (at >> 8)}.${at & 255}/32`);
    expect(listFault(list(...many), before)).toContain('less than half of the 4096 before');
    expect(listFault(list('66.249.64.0/20'), GOOD)).toContain('IPv6');
  });

  test('that grew beyond ten times its size and a /16 is refused', () => {
    const before = list('66.249.64.0/20');
    expect(listFault(list('66.249.64.0/20', '40.77.0.0/16'), before)).toBeNull();
    expect(listFault(list('66.249.64.0/20', '40.76.0.0/15'), before)).toContain(
      'more than 10 times the 4096',
    );
    expect(listFault(list('66.249.64.0/20', '2600::/32'), before)).toBeNull();
    expect(listFault(list('66.249.64.0/20', '2600::/31'), before)).toContain('IPv6');
  });

  test('that is shipped passes the guard', () => {
    for (const { prefixes } of SHIPPED_LISTS) expect(listFault(list(...prefixes!), null)).toBeNull();
    expect(SHIPPED_LISTS.map(({ fetchedAtMs }) => Number.isInteger(fetchedAtMs))).not.toContain(false);
    const googlebot = list(...SHIPPED_LISTS[0]!.prefixes!);
    expect(googlebot.some((prefix) => containsPrefix(prefix, parsePrefix('66.249.66.1')!))).toBe(true);
    // The published list has 142 networks of IPv6; of IPv4 143 of /27 and 22 of /28.
    expect(sizeOf(googlebot)).toEqual({ v4: 143 * 32 + 22 * 16, v6: 142 });
  });
});

test('the size of a list is the number of its different addresses', () => {
  const prefix = fc
    .tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 24, max: 32 }))
    .map(([last, length]) => parsePrefix(`66.249.64.${last}/${length}`)!);
  fc.assert(
    fc.property(fc.array(prefix, { maxLength: 20 }), (prefixes) => {
      const ones = Array.from({ length: 256 }, (_, last) => parsePrefix(`66.249.64.${last}`)!);
      const covered = ones.filter((one) => prefixes.some((outer) => containsPrefix(outer, one)));
      expect(sizeOf(prefixes)).toEqual({ v4: covered.length, v6: 0 });
    }),
    { numRuns: draws(200) },
  );
});

test('a prefix contains what its bits say', () => {
  const part = fc.integer({ min: 0, max: 0xffff_ffff });
  const near = fc.tuple(part, fc.integer({ min: 0, max: 32 }), part, fc.integer({ min: 0, max: 32 }));
  const text = (value: number, length: number) =>
    `${[24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.')}/${length}`;
  const firstBits = (value: number, length: number) => value.toString(2).padStart(32, '0').slice(0, length);
  fc.assert(
    fc.property(near, ([value, length, noise, innerLength]) => {
      // The inner network shares the first bits half of the time.
      const inner = noise % 2 === 0 ? value : noise;
      const expected = length <= innerLength && firstBits(value, length) === firstBits(inner, length);
      const [a, b] = [parsePrefix(text(value, length))!, parsePrefix(text(inner, innerLength))!];
      expect(containsPrefix(a, b)).toBe(expected);
    }),
    { numRuns: draws(500) },
  );
});
