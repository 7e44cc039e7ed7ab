import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from '../../src/identify/address.ts';
import { isRange, PrefixTable } from '../../src/identify/prefix-table.ts';

test('finds the longest range that contains the address, like a linear search of all ranges', () => {
  // Few different bits, so that ranges nest and addresses fall into them. 32 keeps IPv6 clear of the mapped IPv4.
  const bits = (length: number) => {
    const bytes = fc.array(fc.constantFrom(0, 0, 1, 255), { minLength: length - 1, maxLength: length - 1 });
    return bytes.map((rest) => [32, ...rest]);
  };
  const world = fc.constantFrom(4, 16).chain((length) => {
    const range = fc.record({ bytes: bits(length), prefix: fc.integer({ min: 0, max: length * 8 }) });
    return fc.record({ ranges: fc.array(range, { maxLength: 25 }), address: bits(length) });
  });
  fc.assert(
    fc.property(world, ({ ranges, address }) => {
      const table = new PrefixTable<string>();
      for (const { bytes, prefix } of ranges) {
        table.add(`${textOf(bytes)}/${prefix}`, nameOf({ bytes, prefix }));
      }
      expect(table.find(parseAddress(textOf(address))!)).toBe(slowlyFound(ranges, address));
    }),
    { numRuns: 500 },
  );
});

test('an IPv4 address and its IPv6-mapped form are equal', () => {
  const table = new PrefixTable<string>();
  table.add('::ffff:203.0.113.0/120', 'a');
  expect(table.find(parseAddress('203.0.113.9')!)).toBe('a');
  expect(table.find(parseAddress('::ffff:203.0.113.9')!)).toBe('a');
  expect(table.find(parseAddress('203.0.114.9')!)).toBeUndefined();
});

test('IPv4 ranges contain no IPv6 address, and vice versa', () => {
  const table = new PrefixTable<string>();
  table.add('0.0.0.0/0', 'v4');
  expect(table.find(parseAddress('2001:db8::1')!)).toBeUndefined();
  table.add('::/0', 'v6');
  expect(table.find(parseAddress('2001:db8::1')!)).toBe('v6');
  expect(table.find(parseAddress('203.0.113.9')!)).toBe('v4');
});

test.each([
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/08',
  '10.0.0.0/',
  '10.0.0/8',
  '::/129',
  '1.2.3.4/8/8',
  'private',
  '',
])('"%s" is not a range', (text) => {
  expect(isRange(text)).toBe(false);
  expect(() => new PrefixTable<string>().add(text, 'x')).toThrow(RangeError);
});

interface Range {
  readonly bytes: readonly number[];
  readonly prefix: number;
}

function slowlyFound(ranges: readonly Range[], address: readonly number[]): string | undefined {
  const holding = ranges.filter(
    ({ bytes, prefix }) => binary(bytes).slice(0, prefix) === binary(address).slice(0, prefix),
  );
  const longest = holding.toSorted((a, b) => b.prefix - a.prefix)[0];
  return longest === undefined ? undefined : nameOf(longest);
}

/** Two spellings of one range have one name. */
const nameOf = ({ bytes, prefix }: Range) => `${binary(bytes).slice(0, prefix)}/${prefix}`;

const binary = (bytes: readonly number[]) => bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');

function textOf(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.match(/.{4}/g)!.join(':');
}
