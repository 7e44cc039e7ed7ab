import { expect, test } from 'vitest';
import { parseAddress } from '../../../src/identify/address.ts';
import { reverseName } from '../../../src/identify/reverse-dns/reverse-name.ts';

test.each([
  ['66.249.66.1', '1.66.249.66.in-addr.arpa'],
  ['::ffff:66.249.66.1', '1.66.249.66.in-addr.arpa'],
  // The example of RFC 3596.
  ['4321:0:1:2:3:4:567:89ab', 'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa'],
])('the reverse name of %s is %s', (address, name) => {
  expect(reverseName(parseAddress(address)!)).toBe(name);
});
