import { describe, expect, test } from 'vitest';
import { hmacKeyHash } from '../../src/adapters/crypto/key-hash.ts';
import { buildDirectory } from '../../src/identify/directory.ts';
import { createIdentify, type RequestFacts } from '../../src/identify/identify.ts';
import type { IdentifierEntry } from '../../src/identify/port.ts';
import { identifySettingsSchema, trustedProxiesSchema } from '../../src/identify/settings.ts';

const NOON_MS = Date.UTC(2026, 2, 1, 12);
const hashKey = hmacKeyHash(Buffer.from('a secret'));
const directory = directoryOf(
  { id: 'k-acme', clientId: 'acme', kind: 'api_key', keyHash: hashKey('acme-key') },
  { id: 'k-acme-2', clientId: 'acme', kind: 'api_key', keyHash: hashKey('acme-key-2') },
  { id: 'k-bolt', clientId: 'bolt', kind: 'api_key', keyHash: hashKey('bolt-key') },
  { id: 'r-acme', clientId: 'acme', kind: 'cidr', cidr: '203.0.113.0/24' },
);

const EVERYWHERE = [
  { from: 'bearer' },
  { from: 'header', name: 'X-API-Key' },
  { from: 'header', name: 'X-Partner', unknown: 'pass' },
  { from: 'query', name: 'api_key' },
];

function asked(
  facts: Partial<RequestFacts>,
  settings: unknown = { credentials: EVERYWHERE },
  trusted: string[] = [],
) {
  const identify = createIdentify({
    settings: identifySettingsSchema.parse(settings),
    trustedProxies: trusted,
    hashKey,
  });
  const result = identify(
    { peer: '192.0.2.1', rawHeaders: [], target: '/', nowMs: NOON_MS, ...facts },
    directory,
  );
  return result.kind === 'identified'
    ? `${result.identity.clientId} by ${result.identity.identifierId}`
    : 'refused';
}

describe('by credential', () => {
  test.each<[string, string[], string, string]>([
    ['bearer', ['Authorization', 'Bearer acme-key'], '/', 'acme by k-acme'],
    ['the scheme in any case', ['authorization', 'bEARER  acme-key'], '/', 'acme by k-acme'],
    ['a header', ['x-api-KEY', 'bolt-key'], '/', 'bolt by k-bolt'],
    ['the query', [], '/2/tweets?q=a&api_key=acme-key', 'acme by k-acme'],
    ['the query, encoded', [], '/?api%5fkey=acme%2Dkey', 'acme by k-acme'],
    ['the same key in two places', ['X-API-Key', 'acme-key'], '/?api_key=acme-key', 'acme by k-acme'],
    ['an unknown key', ['Authorization', 'Bearer guess'], '/', 'refused'],
    [
      'an unknown key beside a known one',
      ['Authorization', 'Bearer guess', 'X-API-Key', 'acme-key'],
      '/',
      'refused',
    ],
    ['two clients', ['Authorization', 'Bearer bolt-key', 'X-API-Key', 'acme-key'], '/', 'refused'],
    [
      'the keys of two clients in a repeated header',
      ['X-API-Key', 'bolt-key', 'X-API-Key', 'acme-key'],
      '/',
      'refused',
    ],
    ['two clients in the query', [], '/?api_key=bolt-key&api_key=acme-key', 'refused'],
    ['two keys of one client', ['X-API-Key', 'acme-key-2', 'X-API-Key', 'acme-key'], '/', 'refused'],
    ['an empty bearer', ['Authorization', 'Bearer'], '/', 'refused'],
    ['an empty header', ['X-API-Key', ''], '/', 'refused'],
    ['a query that cannot be decoded', [], '/?api_key=%zz', 'refused'],
    ['an endless key', ['X-API-Key', 'a'.repeat(5_000)], '/', 'refused'],
    [
      'another scheme is the platform’s',
      ['Authorization', 'Basic Z3Vlc3M='],
      '/',
      'addr:192.0.2.1 by addr:192.0.2.1',
    ],
    [
      'an unknown key in a place that allows it',
      ['X-Partner', 'guess'],
      '/',
      'addr:192.0.2.1 by addr:192.0.2.1',
    ],
    ['a known key in a place that allows unknown ones', ['X-Partner', 'bolt-key'], '/', 'bolt by k-bolt'],
    [
      'a header or parameter whose name only starts alike',
      ['X-API-Key-2', 'guess'],
      '/?api_key2=x',
      'addr:192.0.2.1 by addr:192.0.2.1',
    ],
  ])('%s', (_what, rawHeaders, target, expected) => {
    expect(asked({ rawHeaders, target })).toBe(expected);
  });

  test('a key wins over the address', () => {
    expect(asked({ peer: '203.0.113.7', rawHeaders: ['X-API-Key', 'bolt-key'] })).toBe('bolt by k-bolt');
  });

  test('finds no key if no place is configured', () => {
    const settings = { credentials: [] };
    expect(asked({ rawHeaders: ['X-API-Key', 'guess'] }, settings)).toBe('addr:192.0.2.1 by addr:192.0.2.1');
  });
});

describe('by address', () => {
  test.each([
    ['203.0.113.7', 'acme by r-acme'],
    ['::ffff:203.0.113.7', 'acme by r-acme'],
    ['203.0.114.7', 'addr:203.0.114.7 by addr:203.0.114.7'],
    ['2001:db8:1:2:3::4', 'addr:2001:db8:1::/56 by addr:2001:db8:1::/56'],
    [undefined, 'net:unknown by net:unknown'],
    ['203.0.113.7, 203.0.113.8', 'net:unknown by net:unknown'],
  ])('%s is %s', (peer, expected) => {
    expect(asked({ peer })).toBe(expected);
  });

  test('trusts forwarding fields only from a trusted proxy', () => {
    const rawHeaders = ['X-Forwarded-For', '203.0.113.7'];
    expect(asked({ peer: '10.0.0.1', rawHeaders }, {}, ['private'])).toBe('acme by r-acme');
    expect(asked({ peer: '10.0.0.1', rawHeaders }, {})).toBe('addr:10.0.0.1 by addr:10.0.0.1');
  });
});

test('hashes a key once, and looks it up again in each new directory', () => {
  let hashes = 0;
  const counting = (key: string) => {
    hashes++;
    return hashKey(key);
  };
  const settings = identifySettingsSchema.parse({});
  const identify = createIdentify({ settings, trustedProxies: [], hashKey: counting });
  const byKey = { peer: '192.0.2.1', rawHeaders: ['X-API-Key', 'acme-key'], target: '/', nowMs: NOON_MS };
  const byAddress = { peer: '203.0.113.7', rawHeaders: [], target: '/', nowMs: NOON_MS };
  for (let turn = 0; turn < 3; turn++) {
    expect(identify(byKey, directory)).toMatchObject({
      identity: { clientId: 'acme', address: '192.0.2.1' },
    });
    expect(identify(byAddress, directory)).toMatchObject({ identity: { clientId: 'acme' } });
  }
  expect(hashes).toBe(1);
  expect(identify(byKey, directoryOf())).toMatchObject({
    kind: 'bad_credential',
    caller: { clientId: 'addr:192.0.2.1' },
  });
  expect(identify(byAddress, directoryOf())).toMatchObject({ identity: { clientId: 'addr:203.0.113.7' } });
});

describe('beyond the bound of addresses', () => {
  const settings = identifySettingsSchema.parse({ maxAddresses: 1 });
  const rig = () => {
    const identify = createIdentify({ settings, trustedProxies: [], hashKey });
    return (peer: string, key?: string, nowMs = NOON_MS) => {
      const rawHeaders = key === undefined ? [] : ['X-API-Key', key];
      const result = identify({ peer, rawHeaders, target: '/', nowMs }, directory);
      if (result.kind === 'bad_credential') {
        return `bad ${result.caller.newcomer?.rangeId() ?? result.caller.clientId}`;
      }
      // The gateway does the same for a request that is served.
      result.identity.newcomer?.takePlace();
      return result.identity.clientId;
    };
  };

  test('identifies a caller by its range, for one request or many, with a bad key or none', () => {
    const client = rig();
    const callers = ['192.0.2.1', '192.0.2.2', '192.0.2.2', '192.0.2.1'].map((peer) => client(peer));
    expect(callers).toEqual(['addr:192.0.2.1', 'net:192.0.2.0/24', 'net:192.0.2.0/24', 'addr:192.0.2.1']);
    expect(client('192.0.2.3', 'guess')).toBe('bad net:192.0.2.0/24');
  });

  test('gives no place to a request with a wrong key or to a refused one', () => {
    const client = rig();
    expect(client('192.0.2.7', 'guess')).toBe('bad net:192.0.2.0/24');
    const identify = createIdentify({ settings, trustedProxies: [], hashKey });
    const facts = { rawHeaders: [], target: '/', nowMs: NOON_MS };
    for (const peer of ['192.0.2.8', '192.0.2.9']) {
      expect(identify({ ...facts, peer }, directory)).toMatchObject({
        identity: { clientId: `addr:${peer}` },
      });
    }
    expect(client('192.0.2.1')).toBe('addr:192.0.2.1');
    expect(client('192.0.2.7', 'guess')).toBe('bad net:192.0.2.0/24');
  });

  test('keeps the id of the address for a caller without a place, so that a policy can name it', () => {
    const identify = createIdentify({ settings, trustedProxies: [], hashKey });
    const of = (peer: string) => identify({ peer, rawHeaders: [], target: '/', nowMs: NOON_MS }, directory);
    const first = of('192.0.2.1');
    if (first.kind === 'identified') first.identity.newcomer?.takePlace();
    expect(of('192.0.2.2')).toMatchObject({
      identity: { clientId: 'net:192.0.2.0/24', ownId: 'addr:192.0.2.2' },
    });
  });

  test('a client known by key or range counts as itself, and takes no place of an unknown caller', () => {
    const client = rig();
    expect(['203.0.113.1', '203.0.113.2'].map((peer) => client(peer))).toEqual(['acme', 'acme']);
    expect(client('192.0.2.9', 'bolt-key')).toBe('bolt');
    expect(client('192.0.2.1')).toBe('addr:192.0.2.1');
    expect(client('203.0.113.3')).toBe('acme');
    expect(client('192.0.2.2', 'bolt-key')).toBe('bolt');
  });

  test('starts over with the next day', () => {
    const client = rig();
    expect(['192.0.2.1', '192.0.2.2'].map((peer) => client(peer))).toEqual([
      'addr:192.0.2.1',
      'net:192.0.2.0/24',
    ]);
    const next = NOON_MS + 12 * 3_600_000;
    expect(client('192.0.2.2', undefined, next)).toBe('addr:192.0.2.2');
    expect(client('192.0.2.1', undefined, next)).toBe('net:192.0.2.0/24');
  });
});

describe('settings', () => {
  test('accepts a bearer token and X-API-Key by default, and refuses unknown ones', () => {
    expect(identifySettingsSchema.parse({})).toEqual({
      credentials: [
        { from: 'bearer', unknown: 'refuse' },
        { from: 'header', name: 'X-API-Key', unknown: 'refuse' },
      ],
      forwardedHeader: 'x-forwarded-for',
      humanMaxPosts: 10_000,
      sessions: [],
      maxAddresses: 1_000_000,
      ipv4Prefix: 32,
      ipv6Prefix: 56,
    });
    expect(trustedProxiesSchema.parse(undefined)).toEqual([]);
  });

  test.each([
    ['an unknown field', { keys: [] }],
    ['an unknown place', { credentials: [{ from: 'cookie', name: 'a' }] }],
    ['a header without a name', { credentials: [{ from: 'header' }] }],
    ['an invalid header name', { credentials: [{ from: 'header', name: 'X API Key' }] }],
    ['a limit of 0 addresses', { maxAddresses: 0 }],
    ['an unknown policy', { credentials: [{ from: 'bearer', unknown: 'ignore' }] }],
  ])('%s is refused', (_what, settings) => {
    expect(identifySettingsSchema.safeParse(settings).success).toBe(false);
  });

  test('rejects a proxy that is not a range, with an example of one', () => {
    const parsed = trustedProxiesSchema.safeParse(['loopback', '10.0.0.0/8', 'localhost']);
    expect(parsed.error?.issues).toMatchObject([
      { path: [2], message: expect.stringContaining('203.0.113.0/24') },
    ]);
  });
});

function directoryOf(...identifiers: IdentifierEntry[]) {
  return buildDirectory({ clients: [], identifiers, tariffs: [], policies: [], policyVersions: [] }, 60);
}
