import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/identify/address.ts';
import { clientAddress, type ForwardedHeader, trustedProxies } from '../../src/identify/client-address.ts';

const PROXIES = ['loopback', 'private', '198.51.100.0/24'];

function found(peer: string, header: ForwardedHeader, ...lines: string[]): string {
  const raw = lines.flatMap((line) => [header === 'forwarded' ? 'Forwarded' : 'X-Forwarded-For', line]);
  const rawHeaders = ['Host', 'api.example', ...raw, 'Accept', '*/*'];
  return clientAddress(parseAddress(peer)!, rawHeaders, header, trustedProxies(PROXIES)).text;
}

describe('X-Forwarded-For', () => {
  test.each([
    ['no header', '10.0.0.1', [], '10.0.0.1'],
    ['one proxy', '10.0.0.1', ['203.0.113.7'], '203.0.113.7'],
    [
      'an untrusted peer is the client, regardless of its fields',
      '203.0.113.7',
      ['192.0.2.1'],
      '203.0.113.7',
    ],
    ['the client wrote an address before its own', '10.0.0.1', ['192.0.2.1, 203.0.113.7'], '203.0.113.7'],
    [
      'the client wrote a trusted address before its own',
      '10.0.0.1',
      ['10.0.0.9, 203.0.113.7'],
      '203.0.113.7',
    ],
    ['the client wrote a line of its own', '10.0.0.1', ['192.0.2.1', '203.0.113.7'], '203.0.113.7'],
    ['two proxies', '10.0.0.1', ['203.0.113.7, 198.51.100.3'], '203.0.113.7'],
    ['two proxies, a line each', '10.0.0.1', ['203.0.113.7', '198.51.100.3'], '203.0.113.7'],
    ['if all are proxies, the leftmost is the client', '10.0.0.1', ['10.0.0.3, 10.0.0.2'], '10.0.0.3'],
    ['unknown stops at the proxy that wrote it', '10.0.0.1', ['203.0.113.7, unknown, 10.0.0.2'], '10.0.0.2'],
    ['rubbish stops at the proxy that wrote it', '10.0.0.1', ['203.0.113.7, <script>'], '10.0.0.1'],
    ['an empty entry is rubbish', '10.0.0.1', ['203.0.113.7, , 10.0.0.2'], '10.0.0.2'],
    ['octal is rubbish', '10.0.0.1', ['0177.0.0.1'], '10.0.0.1'],
    [
      'rubbish left of the client is not read',
      '10.0.0.1',
      ['";;;,"203.0.113.9", 203.0.113.7'],
      '203.0.113.7',
    ],
    ['a port', '10.0.0.1', ['203.0.113.7:4711'], '203.0.113.7'],
    ['IPv6', '::1', ['2001:db8::7'], '2001:db8::7'],
    ['IPv6 in brackets, with a port', 'fd00::1', ['[2001:DB8::7]:443'], '2001:db8::7'],
    ['IPv4 inside IPv6', '::ffff:10.0.0.1', ['::ffff:203.0.113.7'], '203.0.113.7'],
    ['brackets hold IPv6 only', '10.0.0.1', ['[203.0.113.7]'], '10.0.0.1'],
    ['172.32 is not private', '172.32.0.1', ['203.0.113.7'], '172.32.0.1'],
  ])('%s', (_what, peer, lines, expected) => {
    expect(found(peer, 'x-forwarded-for', ...lines)).toBe(expected);
  });
});

describe('Forwarded', () => {
  test.each([
    ['one proxy', ['for=203.0.113.7;proto=https;by=10.0.0.1'], '203.0.113.7'],
    ['quoted, with a port', ['proto=http;For="203.0.113.7:4711"'], '203.0.113.7'],
    ['IPv6', ['for="[2001:db8:cafe::17]:4711"'], '2001:db8:cafe::17'],
    ['an obfuscated port', ['for="[2001:db8:cafe::17]:_gazonk"'], '2001:db8:cafe::17'],
    ['two proxies', ['for=203.0.113.7, for=198.51.100.3'], '203.0.113.7'],
    ['the client wrote an element before its own', ['for=192.0.2.1, for=203.0.113.7'], '203.0.113.7'],
    ['unknown', ['for=203.0.113.7, for=unknown'], '10.0.0.1'],
    ['obfuscated', ['for=203.0.113.7, for=_hidden'], '10.0.0.1'],
    ['no for', ['for=203.0.113.7, proto=https'], '10.0.0.1'],
    ['malformed', ['for=203.0.113.7, for==1'], '10.0.0.1'],
    ['the client left a quote open', ['for="192.0.2.1, for=203.0.113.7'], '203.0.113.7'],
    [
      'the client left a quote open in a line of its own',
      ['for="192.0.2.1', 'for=203.0.113.7'],
      '203.0.113.7',
    ],
    ['a comma in quotes', ['for=203.0.113.7;host="a,b"'], '203.0.113.7'],
    ['rubbish left of the client', ['%%%, for=203.0.113.7'], '203.0.113.7'],
  ])('%s', (_what, lines, expected) => {
    expect(found('10.0.0.1', 'forwarded', ...lines)).toBe(expected);
  });

  test('ignores the fields of an untrusted peer', () => {
    expect(found('203.0.113.7', 'forwarded', 'for=192.0.2.1')).toBe('203.0.113.7');
  });
});

test('does not read the header that is not configured', () => {
  const headers = ['X-Forwarded-For', '192.0.2.1', 'Forwarded', 'for=203.0.113.7'];
  const isTrusted = trustedProxies(PROXIES);
  const peer = parseAddress('10.0.0.1')!;
  expect(clientAddress(peer, headers, 'forwarded', isTrusted).text).toBe('203.0.113.7');
  expect(clientAddress(peer, headers, 'x-forwarded-for', isTrusted).text).toBe('192.0.2.1');
});

test('returns the address that the first trusted proxy saw, for anything that a client sends', () => {
  const header = fc.constantFrom<ForwardedHeader>('x-forwarded-for', 'forwarded');
  const pieces = fc.constantFrom(
    'for=',
    '"',
    ',',
    ';',
    '10.0.0.1',
    '192.0.2.9',
    '[::1]',
    'unknown',
    '_x',
    ' ',
    '\\',
    '=',
  );
  const invention = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(header, fc.array(invention, { maxLength: 3 }), invention, (name, lines, sameLine) => {
      const own = name === 'forwarded' ? 'for=203.0.113.7' : '203.0.113.7';
      expect(found('10.0.0.1', name, ...lines, `${sameLine}, ${own}`)).toBe('203.0.113.7');
      expect(found('203.0.113.7', name, ...lines, sameLine)).toBe('203.0.113.7');
    }),
    { numRuns: 1000 },
  );
});

test('does not follow an endless list', () => {
  const list = Array.from({ length: 10_000 }, () => '10.0.0.2').join(', ');
  expect(found('10.0.0.1', 'x-forwarded-for', `203.0.113.7, ${list}`)).toBe('10.0.0.2');
});
