import { describe, expect, test } from 'vitest';
import { canonicalNetwork } from '../../src/admin/network.ts';

describe('canonicalNetwork', () => {
  test.each([
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['203.0.113.7', '203.0.113.7/32'],
    ['203.0.113.7/32', '203.0.113.7/32'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['128.0.0.0/1', '128.0.0.0/1'],
    ['2001:DB8:0:0::/48', '2001:db8::/48'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['2001:db8:0:0:0:0:0:0/32', '2001:db8::/32'],
    ['fe80::/10', 'fe80::/10'],
  ])('%s is %s', (text, cidr) => {
    expect(canonicalNetwork(text)).toEqual({ ok: true, cidr });
  });

  test.each([
    ['203.0.113.7/24', /bits set/, /203\.0\.113\.0\/24/],
    ['2001:db8::1/48', /bits set/, /2001:db8::\/48/],
    ['0.0.0.0/0', /every address/, /ranges/],
    ['::/0', /every address/, /ranges/],
    ['::ffff:203.0.113.0/120', /IPv6 form/, /IPv4/],
    ['203.0.113.0/33', /over 32/, /\/32/],
    ['203.0.113.0/024', /not a number/, /203/],
    ['203.0.113.0/-1', /not a number/, /203/],
    ['203.0.113.0/24/8', /not a valid address range/, /203/],
    ['203.0.113', /not a valid address range/, /203/],
    ['0313.0.0.0/8', /not a valid address range/, /203/],
    ['0x0a.0.0.0/8', /not a valid address range/, /203/],
    ['fe80::1%eth0', /not a valid address range/, /203/],
    ['example.com', /not a valid address range/, /203/],
    ['', /not a valid address range/, /203/],
    [' 10.0.0.0/8', /not a valid address range/, /203/],
  ])('%s is refused', (text, reason, hint) => {
    const result = canonicalNetwork(text);
    if (result.ok) throw new Error(`taken as ${result.cidr}`);
    expect(result.fault.reason).toMatch(reason);
    expect(result.fault.hint).toMatch(hint);
  });
});
