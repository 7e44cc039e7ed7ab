import { describe, expect, it } from 'vitest';
import { lineAttributor } from '../../src/reconcile/attribute-line.ts';

const RANGES = [
  { clientId: 'acme', cidr: '203.0.113.0/24' },
  { clientId: 'branch', cidr: '203.0.113.128/25' },
  { clientId: 'six', cidr: '2001:db8:6::/48' },
];
const whose = lineAttributor(RANGES, ['10.0.0.0/8'], { ipv4Prefix: 32, ipv6Prefix: 64 });

describe('the client of a line', () => {
  it.each([
    ['203.0.113.7', 'acme'],
    ['203.0.113.200', 'branch'],
    ['::ffff:203.0.113.7', 'acme'],
    ['198.51.100.1', 'addr:198.51.100.1'],
    ['2001:db8:6:1:2:3:4:5', 'six'],
    ['2001:db8:7:1:2:3:4:5', 'addr:2001:db8:7:1::/64'],
    ['198.51.100.1, 10.0.0.1', 'addr:198.51.100.1'],
    ['1.2.3.4, 198.51.100.1, 10.0.0.2,10.0.0.1', 'addr:198.51.100.1'],
    ['1.2.3.4, 198.51.100.1', 'addr:198.51.100.1'],
    ['unknown', null],
    ['1.2.3.4, unknown', null],
    ['', null],
    [null, null],
  ])('%s: %s', (address, clientId) => {
    for (const _ of ['once', 'and as it is known then'])
      expect(whose({ clientId: null, address })).toBe(clientId);
  });

  it('is the client that the line names, whatever the address', () => {
    expect(whose({ clientId: 'other', address: '203.0.113.7' })).toBe('other');
    expect(whose({ clientId: 'other', address: null })).toBe('other');
  });
});
