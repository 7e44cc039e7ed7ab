import { describe, expect, it } from 'vitest';
import { type ForwardingFields, pushForwarding } from '../../src/forward/forwarding.ts';

const SILENT: ForwardingFields = { forwarded: '', forwardedFor: '', proto: undefined, host: undefined };
const HOP = { peer: '10.0.0.2', scheme: 'http', host: 'p' } as const;
const OPTIONS = {
  forwardedHeader: 'x-forwarded-for',
  isTrusted: (address: string) => address.startsWith('10.'),
  sendsForwarded: true,
  sendsXForwarded: true,
} as const;

function sent(said: Partial<ForwardingFields>, options: Partial<Parameters<typeof pushForwarding>[3]> = {}) {
  const out: string[] = [];
  pushForwarding(out, { ...SILENT, ...said }, HOP, { ...OPTIONS, ...options });
  return Object.fromEntries(out.flatMap((name, at) => (at % 2 === 0 ? [[name, out[at + 1]]] : [])));
}

describe('forwarding fields', () => {
  it('of a proxy that sends only X-Forwarded-*: Forwarded gets the same values', () => {
    expect(sent({ forwardedFor: '203.0.113.9', proto: 'https', host: 'shop.example' })).toEqual({
      'X-Forwarded-For': '203.0.113.9, 10.0.0.2',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'shop.example',
      Forwarded: 'for=203.0.113.9;host=shop.example;proto=https, for=10.0.0.2;host=shop.example;proto=https',
    });
  });

  it.each(['x-forwarded-for', 'forwarded'] as const)(
    'of a proxy that sends Forwarded alone, with %s believed: X-Forwarded-* says the same',
    (forwardedHeader) => {
      const forwarded = 'for="[2001:db8::9]:4711";proto=https;host="a.example:8443"';
      expect(sent({ forwarded }, { forwardedHeader })).toEqual({
        'X-Forwarded-For': '2001:db8::9, 10.0.0.2',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'a.example:8443',
        Forwarded:
          'for="[2001:db8::9]";host="a.example:8443";proto=https, for=10.0.0.2;host="a.example:8443";proto=https',
      });
    },
  );

  it('of a proxy that sends both come from the trusted one', () => {
    const both = { forwarded: 'for=1.1.1.1;proto=http;host=evil', forwardedFor: '2.2.2.2', proto: 'https' };
    expect(sent(both).Forwarded).toBe('for=2.2.2.2;host=p;proto=https, for=10.0.0.2;host=p;proto=https');
    expect(sent(both, { forwardedHeader: 'forwarded' })).toMatchObject({
      'X-Forwarded-For': '1.1.1.1, 10.0.0.2',
      'X-Forwarded-Proto': 'http',
      'X-Forwarded-Host': 'evil',
    });
  });

  it('take proto and host from the outermost trusted proxy, not from the client', () => {
    const forwarded =
      'for=9.9.9.9;proto=http;host=evil, for=203.0.113.9;proto=https;host=real, for=10.0.0.1;proto=http;host=inner';
    expect(sent({ forwarded }, { forwardedHeader: 'forwarded' })).toMatchObject({
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'real',
    });
  });

  it.each([
    ['an invalid address', { forwardedFor: 'garbage here' }],
    ['an invalid scheme', { forwardedFor: '1.1.1.1', proto: 'ht tp' }],
  ])('leave Forwarded out if it cannot be built: %s', (_, said) => {
    expect(sent(said)).not.toHaveProperty('Forwarded');
    expect(sent(said)).toHaveProperty('X-Forwarded-For');
  });

  it.each([
    ['unknown', 'for=unknown'],
    ['_hidden', 'for=_hidden'],
    ['1.2.3.4:80', 'for="1.2.3.4:80"'],
    ['[2001:db8::1]:80', 'for="[2001:db8::1]:80"'],
    ['2001:db8::1', 'for="[2001:db8::1]"'],
  ])('write the node %s as RFC 7239 requires', (node, text) => {
    expect(sent({ forwardedFor: node }).Forwarded).toContain(`${text};`);
  });

  it('ignore a malformed Forwarded', () => {
    expect(sent({ forwarded: 'for="' })).toMatchObject({ 'X-Forwarded-For': '10.0.0.2' });
  });

  it('take the first scheme of a list', () => {
    expect(sent({ forwardedFor: '1.1.1.1', proto: 'https, http' }).Forwarded).toContain('proto=https');
  });

  it('can be switched off one by one', () => {
    expect(Object.keys(sent({}, { sendsForwarded: false }))).toEqual([
      'X-Forwarded-For',
      'X-Forwarded-Proto',
      'X-Forwarded-Host',
    ]);
    expect(Object.keys(sent({}, { sendsXForwarded: false }))).toEqual(['Forwarded']);
  });
});
