import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerId, isCallerId, parseAddress } from '../../src/identify/address.ts';

test.each([
  ['203.0.113.7', '203.0.113.7', 'addr:203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7', 'addr:203.0.113.7'],
  ['::FFFF:CB00:7107', '203.0.113.7', 'addr:203.0.113.7'],
  ['2001:DB8:0001:0002:0:0:0:9', '2001:db8:1:2::9', 'addr:2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8::1', 'addr:2001:db8::/64'],
  ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1:ffff:ffff:ffff:ffff', 'addr:2001:db8:0:1::/64'],
  ['::1', '::1', 'addr:::/64'],
  ['fe80::1%eth0', 'fe80::1', 'addr:fe80::/64'],
])('%s is %s, and alone the client %s', (text, canonical, id) => {
  const address = parseAddress(text)!;
  expect(address.text).toBe(canonical);
  expect(callerId(address, { ipv4Prefix: 32, ipv6Prefix: 64 })).toBe(id);
});

const NO_ADDRESSES = [
  '',
  'unknown',
  '10.1',
  '010.0.0.1',
  '0x7f.0.0.1',
  '2130706433',
  '1.2.3.4.5',
  '256.1.1.1',
  '1.2.3.4 ',
];
describe('no addresses', () => {
  test.each([...NO_ADDRESSES, '1.2.3.4/32', '1::2::3', '[::1]', 'g::1', '::1:', `fe80::1%${'a'.repeat(99)}`])(
    '%s',
    (text) => {
      expect(parseAddress(text)).toBeNull();
    },
  );
});

test('every spelling of an address has one canonical form, which is canonical itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      const address = parseAddress(text)!;
      expect(parseAddress(text.toUpperCase())).toEqual(address);
      expect(parseAddress(address.text)).toEqual(address);
    }),
  );
});

test.each([
  ['addr:203.0.113.7', true],
  ['addr:203.0.113.64/26', true],
  ['addr:203.0.113.7/26', false],
  ['addr:2001:db8:1::/56', true],
  ['addr:2001:db8:1:1::/56', false],
  ['addr:2001:DB8:1::/56', false],
  ['addr:2001:db8:1::', true],
  ['net:203.0.113.0/24', true],
  ['net:203.0.113.0', false],
  ['net:203.0.113.0/24/8', false],
  ['addr:unknown', false],
  ['acme', false],
])('%s names an unknown caller: %s', (id, isOne) => {
  expect(isCallerId(id)).toBe(isOne);
});
