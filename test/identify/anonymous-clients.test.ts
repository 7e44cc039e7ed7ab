import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, parseAddress } from '../../src/identify/address.ts';
import { AnonymousClients } from '../../src/identify/anonymous-clients.ts';

const T0 = Date.UTC(2026, 2, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const PREFIXES = { ipv4Prefix: 32, ipv6Prefix: 64 };

/** The client of a request that is served. */
function servedAs(callers: AnonymousClients, address: Address): string {
  if (!callers.hasPlace(address) && !callers.hasRoom) return callers.rangeOf(address);
  callers.place(address);
  return callers.ownId(address);
}

function callersOf(maxAddresses: number, maxRanges?: number) {
  const callers = new AnonymousClients({
    ...PREFIXES,
    maxAddresses,
    ...(maxRanges !== undefined && { maxRanges }),
  });
  return (nowMs: number, ...addresses: string[]): string[] => {
    callers.beginDay(nowMs);
    return addresses.map((text) => servedAs(callers, parseAddress(text)!));
  };
}

describe('a flood of addresses', () => {
  it('is metered by range from the bound on; earlier callers keep clients of their own', () => {
    const clientsOf = callersOf(2);
    expect(clientsOf(T0, '203.0.113.1', '2001:db8:1:2::1', '203.0.113.2', '2001:db8:1:3::1')).toEqual([
      'addr:203.0.113.1',
      'addr:2001:db8:1:2::/64',
      'net:203.0.113.0/24',
      'net:2001:db8:1::/48',
    ]);
    expect(clientsOf(T0, '203.0.113.1', '2001:db8:1:2::ffff')).toEqual([
      'addr:203.0.113.1',
      'addr:2001:db8:1:2::/64',
    ]);
  });

  it('uses wide ranges if there are too many narrow ones', () => {
    const clientsOf = callersOf(1, 2);
    clientsOf(T0, '192.0.2.1');
    expect(
      clientsOf(T0, '203.0.113.1', '2001:db8:1::', '198.51.100.7', '2001:db8:2::', '203.0.113.9'),
    ).toEqual([
      'net:203.0.113.0/24',
      'net:2001:db8:1::/48',
      'net:198.0.0.0/8',
      'net:2001::/16',
      'net:203.0.113.0/24',
    ]);
  });
});

describe('a day', () => {
  it('begins with UTC midnight, and all are strangers again', () => {
    const clientsOf = callersOf(1);
    expect(clientsOf(T0 + DAY_MS - 1, '192.0.2.1', '192.0.2.2')).toEqual([
      'addr:192.0.2.1',
      'net:192.0.2.0/24',
    ]);
    expect(clientsOf(T0 + DAY_MS, '192.0.2.2', '192.0.2.1')).toEqual(['addr:192.0.2.2', 'net:192.0.2.0/24']);
  });

  it('is reported once', () => {
    const callers = new AnonymousClients({ ...PREFIXES, maxAddresses: 1 });
    const moments = [T0, T0 + 1, T0 + DAY_MS - 1, T0 + DAY_MS, T0 + DAY_MS + 1];
    expect(moments.map((nowMs) => callers.beginDay(nowMs))).toEqual([true, false, false, true, false]);
  });

  it('does not start over if the clock steps around midnight, but does if it was wrong by a day', () => {
    const clientsOf = callersOf(1);
    clientsOf(T0, '192.0.2.1');
    expect(clientsOf(T0 - HOUR_MS, '192.0.2.2')).toEqual(['net:192.0.2.0/24']);
    expect(clientsOf(T0 - DAY_MS, '192.0.2.2')).toEqual(['net:192.0.2.0/24']);
    expect(clientsOf(T0 - DAY_MS - 1, '192.0.2.2')).toEqual(['addr:192.0.2.2']);
  });
});

it.each([
  [48, '2001:db8:1::', true],
  [48, '2001:db8:2::', false],
  [56, '2001:db8:1:ff::', true],
  [56, '2001:db8:1:100::', false],
  [60, '2001:db8:1:f::', true],
  [60, '2001:db8:1:10::', false],
  [64, '2001:db8:1:0:9::', true],
  [64, '2001:db8:1:1::', false],
] as const)('with /%i, %s is the same caller as 2001:db8:1::1: %s', (ipv6Prefix, other, isSame) => {
  const callers = new AnonymousClients({ ipv4Prefix: 32, ipv6Prefix, maxAddresses: 1 });
  const [first, second] = [parseAddress('2001:db8:1::1')!, parseAddress(other)!];
  callers.place(first);
  expect(callers.hasPlace(second)).toBe(isSame);
  expect(callers.ownId(first) === callers.ownId(second)).toBe(isSame);
});

it('an IPv4 prefix below 32 makes one caller of its addresses', () => {
  const callers = new AnonymousClients({ ipv4Prefix: 26, ipv6Prefix: 56, maxAddresses: 1 });
  callers.place(parseAddress('203.0.113.70')!);
  expect(
    ['203.0.113.64', '203.0.113.127', '203.0.113.63', '203.0.113.128'].map((text) =>
      callers.hasPlace(parseAddress(text)!),
    ),
  ).toEqual([true, true, false, false]);
  expect(callers.ownId(parseAddress('203.0.113.70')!)).toBe('addr:203.0.113.64/26');
});

/** Few enough that they collide, in all the ranges that make a difference. */
const v4 = fc.tuple(fc.integer({ min: 9, max: 11 }), fc.constantFrom(0, 255), fc.integer({ min: 0, max: 3 }));
const v6 = fc.tuple(
  fc.constantFrom('2001', '2a00'),
  fc.constantFrom('0', 'db8'),
  fc.integer({ min: 0, max: 9 }),
);
const caller = fc.oneof(
  fc.tuple(v4, fc.nat(3)).map(([[a, b, c], d]) => `${a}.${b}.${c}.${d}`),
  fc.tuple(v6, fc.nat(3)).map(([[a, b, c], d]) => `${a}:${b}:${c}:${d}::${d + 1}`),
);

/** The rule in its literal form: the callers of today, in order of arrival. */
function slowly(maxAddresses: number, maxRanges: number, came: readonly string[]): string[] {
  const names = came.map((text) => rangesOf(parseAddress(text)!));
  return names.map(([own, narrow, wide], at) => {
    const before = [...new Set(names.slice(0, at).map(([first]) => first))];
    const known = before.slice(0, maxAddresses);
    if (known.includes(own) || known.length < maxAddresses) return own;
    const beyond = names.slice(0, at).filter(([first]) => !known.includes(first));
    const ranges = [...new Set(beyond.map(([, second]) => second))].slice(0, maxRanges);
    return ranges.includes(narrow) || ranges.length < maxRanges ? narrow : wide;
  });
}

function rangesOf({ text, bytes }: Address): [string, string, string] {
  if (bytes.length === 4) {
    const [a, b, c] = bytes;
    return [`addr:${text}`, `net:${a}.${b}.${c}.0/24`, `net:${a}.0.0.0/8`];
  }
  const groups = [0, 2, 4, 6].map((at) => ((bytes[at]! << 8) | bytes[at + 1]!).toString(16));
  const range = (count: number): string => {
    const padded = `${groups.slice(0, count).join(':')}${':0'.repeat(8 - count)}`;
    return `${parseAddress(padded)!.text}/${count * 16}`;
  };
  return [`addr:${range(4)}`, `net:${range(3)}`, `net:${range(1)}`];
}

it('all callers of a day follow the rule, with no more clients than it allows', () => {
  const bounds = fc.record({
    maxAddresses: fc.nat(8).map((n) => n + 1),
    maxRanges: fc.nat(4).map((n) => n + 1),
  });
  fc.assert(
    fc.property(bounds, fc.array(caller, { maxLength: 60 }), ({ maxAddresses, maxRanges }, came) => {
      const clients = callersOf(maxAddresses, maxRanges)(T0, ...came);
      expect(clients).toEqual(slowly(maxAddresses, maxRanges, came));
      const kinds = [...new Set(clients)];
      expect(kinds.filter((id) => id.startsWith('addr:')).length).toBeLessThanOrEqual(maxAddresses);
      expect(kinds.filter((id) => /\/(24|48)$/.test(id)).length).toBeLessThanOrEqual(maxRanges);
    }),
    { numRuns: 500 },
  );
});
