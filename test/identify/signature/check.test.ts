import { describe, expect, it, test } from 'vitest';
import type { SignedFacts } from '../../../src/identify/asker/port.ts';
import {
  address,
  facts,
  fieldOf,
  goodPlan,
  inputOf,
  keysOf,
  NOW_MS,
  NOW_S,
  type Plan,
  SIGNER,
  signed,
  type TestKey,
  testCheck,
  testKey,
  withField,
} from './signing.ts';

const key = await testKey();
const other = await testKey();
const OTHER_SIGNER = 'https://other.example';
const good = goodPlan(key);
const keys = keysOf({ [SIGNER]: [key.key], [OTHER_SIGNER]: [other.key] });

function outcomeOf(request: SignedFacts, settings: Record<string, unknown> = {}): string {
  return testCheck(keys, settings).outcomeOf(request);
}

const parameters = (changed: Plan['parameters']): Plan => ({
  ...good,
  parameters: { ...good.parameters, ...changed },
});
const covering = (...components: Plan['components']): Plan => ({ ...good, components });
const METHOD = ['"@method"', 'GET'] as const;
const URI = ['"@target-uri"', 'https://api.example/posts?page=2'] as const;
const AUTHORITY = ['"@authority"', 'api.example'] as const;
const AGENT = ['"signature-agent";key="sig1"', `"${SIGNER}"`] as const;

describe('a request that is signed well', () => {
  it('is bound to its signer', () => {
    expect(testCheck(keys).check(signed(good, key))).toEqual({
      signer: SIGNER,
      outcome: 'verified',
      grade: 'bound',
      reason: null,
    });
  });

  it('is nothing without a signature, or with one of another tag', () => {
    expect(outcomeOf({ ...signed(good, key), headers: ['Accept', '*/*'] })).toBe('none');
    expect(outcomeOf(signed(parameters({ tag: 'web-bot-auth-2' }), key))).toBe('none');
  });

  test.each<[string, Plan['components']]>([
    [
      'method, authority, path and query',
      [METHOD, AUTHORITY, ['"@path"', '/posts'], ['"@query"', '?page=2'], AGENT],
    ],
    ['the scheme', [METHOD, URI, ['"@scheme"', 'https'], AGENT]],
    ['a query parameter', [METHOD, URI, ['"@query-param";name="page"', '2'], AGENT]],
    ['a field as bytes', [METHOD, URI, ['"x-purpose";bs', ':YXJjaGl2ZQ==:'], AGENT]],
    ['a field as structured field', [METHOD, URI, ['"signature-agent";sf', good.agent!], AGENT]],
  ])('may cover %s', (_what, components) => {
    expect(outcomeOf(signed({ ...good, components }, key))).toBe('bound');
  });

  test.each(['rsa', 'ec'] as const)('may use a key of type %s', async (type) => {
    const { createSign, constants } = await import('node:crypto');
    const strong = await testKey(type);
    const alg = type === 'rsa' ? 'rsa-pss-sha512' : 'ecdsa-p256-sha256';
    const plan: Plan = { ...good, parameters: { ...good.parameters, keyid: strong.thumbprint, alg } };
    const lines = [
      ...plan.components.map(([id, value]) => `${id}: ${value}`),
      `"@signature-params": ${inputOf(plan)}`,
    ];
    const signer = createSign(type === 'rsa' ? 'sha512' : 'sha256').update(lines.join('\n'));
    const { privateKey: k } = strong;
    const value = signer.sign(
      type === 'rsa'
        ? { key: k, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }
        : { key: k, dsaEncoding: 'ieee-p1363' },
    );
    const request = facts(plan, `sig1=${inputOf(plan)}`, `sig1=:${value.toString('base64')}:`);
    expect(testCheck(keysOf({ [SIGNER]: [strong.key] })).outcomeOf(request)).toBe('bound');
  });

  it('may be asked for by a whole URL', () => {
    expect(outcomeOf({ ...signed(good, key), target: 'https://api.example/posts?page=2' })).toBe('bound');
  });

  it('may name its signer by the older form, a string', () => {
    const plan = { ...covering(METHOD, URI, ['"signature-agent"', `"${SIGNER}"`]), agent: `"${SIGNER}"` };
    expect(outcomeOf(signed(plan, key))).toBe('bound');
  });

  it('may carry a second signature, of which the best one counts', () => {
    const request = signed(good, key);
    const input = `${fieldOf(request, 'signature-input')}, sig2=${inputOf(parameters({ nonce: 'n2' }))}`;
    const signature = `${fieldOf(request, 'signature')}, sig2=:AAAA:`;
    expect(outcomeOf(withField(withField(request, 'signature-input', input), 'signature', signature))).toBe(
      'bound',
    );
  });
});

/** Each of them is one change of a good request, before or after it is signed. */
const MUTATIONS: readonly (readonly [what: string, request: SignedFacts, expected: string])[] = [
  // What is covered.
  [
    'covers neither authority nor target',
    signed(covering(METHOD, AGENT), key),
    'invalid: authority_not_covered',
  ],
  ['does not cover its signer', signed(covering(METHOD, URI), key), 'invalid: signer_not_covered'],
  ['covers nothing', signed(covering(), key), 'invalid: authority_not_covered'],
  [
    'covers a component twice',
    signed(covering(METHOD, METHOD, URI, AGENT), key),
    'invalid: component_repeated',
  ],
  [
    'covers a field that is absent',
    signed(covering(METHOD, URI, ['"x-absent"', ''], AGENT), key),
    'invalid: component_missing',
  ],
  [
    'covers an unknown derived component',
    signed(covering(METHOD, URI, ['"@status"', '200'], AGENT), key),
    'unverified: component_unknown',
  ],
  [
    'covers a component of another request',
    signed(covering(['"@method";req', 'GET'], URI, AGENT), key),
    'unverified: component_unknown',
  ],
  [
    'covers a query parameter that is absent',
    signed(covering(METHOD, URI, ['"@query-param";name="size"', '2'], AGENT), key),
    'invalid: component_missing',
  ],
  [
    'covers a query parameter that is repeated',
    {
      ...signed(covering(METHOD, URI, ['"@query-param";name="page"', '2'], AGENT), key),
      target: '/posts?page=2&page=3',
    },
    'invalid: component_ambiguous',
  ],
  [
    'covers the signer under another label',
    signed(
      {
        ...covering(METHOD, URI, ['"signature-agent";key="sig2"', `"${SIGNER}"`]),
        agent: `sig1="${SIGNER}", sig2="${SIGNER}"`,
      },
      key,
    ),
    'invalid: signer_not_covered',
  ],
  [
    'covers the whole field under the name of a member',
    signed(covering(METHOD, URI, ['"signature-agent";key="sig1"', good.agent!]), key),
    'invalid: signature_wrong',
  ],
  [
    'covers a field that is not ASCII',
    signed(
      { ...covering(METHOD, URI, ['"x-purpose"', 'caf\xe9'], AGENT), fields: [['X-Purpose', 'caf\xe9']] },
      key,
    ),
    'invalid: component_not_ascii',
  ],
  // Its parameters.
  ['has no created', signed(parameters({ created: undefined }), key), 'invalid: created_missing'],
  ['has a created that is text', signed(parameters({ created: '1' }), key), 'invalid: created_missing'],
  ['has no expires', signed(parameters({ expires: undefined }), key), 'invalid: expires_missing'],
  ['is created 31 s ahead', signed(parameters({ created: NOW_S + 31 }), key), 'invalid: created_ahead'],
  ['expired a second ago', signed(parameters({ expires: NOW_S - 1 }), key), 'invalid: expired'],
  [
    'lives longer than a day',
    signed(parameters({ expires: NOW_S - 10 + 86_401 }), key),
    'invalid: life_too_long',
  ],
  ['names HMAC', signed(parameters({ alg: 'hmac-sha256' }), key), 'invalid: algorithm_not_allowed'],
  ['names an unknown algorithm', signed(parameters({ alg: 'none' }), key), 'invalid: algorithm_not_allowed'],
  [
    'names the algorithm of another key',
    signed(parameters({ alg: 'rsa-pss-sha512' }), key),
    'invalid: algorithm_mismatch',
  ],
  ['has no keyid', signed(parameters({ keyid: undefined }), key), 'invalid: keyid_not_thumbprint'],
  [
    'has a keyid that is a name',
    signed(parameters({ keyid: 'key-1' }), key),
    'invalid: keyid_not_thumbprint',
  ],
  [
    'has a keyid that the signer lacks',
    signed(parameters({ keyid: other.thumbprint }), key),
    'unverified: key_unknown',
  ],
  // Whom it names.
  ['names no signer', signed({ ...good, agent: null }, key), 'unverified: signer_missing'],
  [
    'names its signer under another label',
    signed({ ...good, agent: `sig2="${SIGNER}"` }, key),
    'invalid: signer_unusable',
  ],
  [
    'names a signer by http',
    signed({ ...good, agent: 'sig1="http://signer.example"' }, key),
    'invalid: signer_unusable',
  ],
  [
    'names a signer on another port',
    signed({ ...good, agent: 'sig1="https://signer.example:8443"' }, key),
    'invalid: signer_unusable',
  ],
  [
    'names a signer with credentials',
    signed({ ...good, agent: 'sig1="https://a:b@signer.example"' }, key),
    'invalid: signer_unusable',
  ],
  [
    'names a signer by a token',
    signed({ ...good, agent: 'sig1=signer.example' }, key),
    'invalid: signer_unusable',
  ],
  [
    'names a directory with a path',
    signed({ ...good, agent: 'sig1="https://signer.example/keys";type=directory' }, key),
    'invalid: signer_unusable',
  ],
  [
    'names its signer by an unknown type',
    signed({ ...good, agent: `sig1="${SIGNER}";type=dns` }, key),
    'invalid: signer_unusable',
  ],
  [
    'names another signer than the one that it covers',
    withField(signed(good, key), 'signature-agent', `sig1="${OTHER_SIGNER}"`),
    'unverified: key_unknown',
  ],
  [
    'names an unknown signer',
    signed(
      {
        ...covering(METHOD, URI, ['"signature-agent";key="sig1"', '"https://new.example"']),
        agent: 'sig1="https://new.example"',
      },
      key,
    ),
    'unverified: directory_unknown',
  ],
  // What arrived.
  ['arrives by another method', { ...signed(good, key), method: 'POST' }, 'invalid: signature_wrong'],
  [
    'arrives at another authority',
    { ...signed(good, key), host: 'evil.example' },
    'invalid: signature_wrong',
  ],
  ['arrives at another port', { ...signed(good, key), host: 'api.example:8443' }, 'invalid: signature_wrong'],
  ['arrives without a host', { ...signed(good, key), host: undefined }, 'invalid: component_missing'],
  ['arrives at another path', { ...signed(good, key), target: '/other?page=2' }, 'invalid: signature_wrong'],
  [
    'arrives with another query',
    { ...signed(good, key), target: '/posts?page=3' },
    'invalid: signature_wrong',
  ],
  ['arrives by http', { ...signed(good, key), secure: false }, 'invalid: signature_wrong'],
  [
    'arrives with another field',
    withField(signed(good, key), 'x-purpose', 'training'),
    'invalid: signature_wrong',
  ],
  [
    'arrives with a field added to a line',
    { ...signed(good, key), headers: [...signed(good, key).headers, 'X-Purpose', 'training'] },
    'invalid: signature_wrong',
  ],
  ['is made by another key', signed(good, other), 'invalid: signature_wrong'],
  // What can be read.
  [
    'has parameters in another order than were signed',
    withField(signed(good, key), 'signature-input', reordered(fieldOf(signed(good, key), 'signature-input'))),
    'invalid: signature_wrong',
  ],
  ['has no Signature', withField(signed(good, key), 'signature', null), 'invalid: signature_missing'],
  [
    'has a Signature of another label',
    withField(signed(good, key), 'signature', 'sig2=:AAAA:'),
    'invalid: signature_missing',
  ],
  [
    'has a Signature that is text',
    withField(signed(good, key), 'signature', 'sig1="AAAA"'),
    'invalid: signature_missing',
  ],
  [
    'has an empty signature',
    withField(signed(good, key), 'signature', 'sig1=::'),
    'invalid: signature_wrong',
  ],
  [
    'has its label twice',
    withField(signed(good, key), 'signature', `sig1=:AAAA:, ${fieldOf(signed(good, key), 'signature')}`),
    'invalid: unreadable',
  ],
  [
    'has an unreadable Signature-Input',
    withField(signed(good, key), 'signature-input', 'sig1=("web-bot-auth"'),
    'invalid: unreadable',
  ],
  [
    'has an unreadable Signature-Agent',
    withField(signed(good, key), 'signature-agent', 'sig1="https://'),
    'invalid: unreadable',
  ],
  [
    'has a field of more than 4 KB',
    withField(
      signed(good, key),
      'signature',
      `${fieldOf(signed(good, key), 'signature')}, b=:${'A'.repeat(4_096)}:`,
    ),
    'invalid: field_too_long',
  ],
  ['has five signatures', five(), 'invalid: too_many_signatures'],
];

function reordered(input: string): string {
  return input.replace(/(;created=\d+)(;expires=\d+)/, '$2$1');
}

function five(): SignedFacts {
  const input = [1, 2, 3, 4, 5].map((at) => `sig${at}=${inputOf(good)}`).join(', ');
  return facts(good, input, 'sig1=:AAAA:');
}

describe('a good request with one change is refused', () => {
  test.each(MUTATIONS)('if it %s', (_what, request, expected) => {
    expect(outcomeOf(request)).toBe(expected);
  });

  it('in at least 40 ways', () => {
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(40);
  });
});

describe('bounds', () => {
  test.each<[string, Plan, string]>([
    ['expires in this second', parameters({ expires: NOW_S }), 'bound'],
    ['is created 30 s ahead', parameters({ created: NOW_S + 30 }), 'bound'],
    ['lives a day', parameters({ expires: NOW_S - 10 + 86_400 }), 'bound'],
  ])('a signature that %s is accepted', (_what, plan, expected) => {
    expect(outcomeOf(signed(plan, key))).toBe(expected);
  });

  it('are settings', () => {
    const old = signed(parameters({ expires: NOW_S + 4_000_000 }), key);
    expect(outcomeOf(old, { maxLifeSeconds: 5_000_000 })).toBe('bound');
    expect(outcomeOf(signed(parameters({ created: NOW_S + 60 }), key), { maxAheadSeconds: 60 })).toBe(
      'bound',
    );
  });
});

describe('keys', () => {
  it('of one directory do not speak for another', () => {
    const agent = `sig1="${OTHER_SIGNER}"`;
    const plan = { ...covering(METHOD, URI, ['"signature-agent";key="sig1"', `"${OTHER_SIGNER}"`]), agent };
    expect(outcomeOf(signed(plan, key))).toBe('unverified: key_unknown');
  });
});

describe('a signature that can be repeated', () => {
  const overAuthority = signed(covering(AUTHORITY, AGENT), key);
  const from = (request: SignedFacts, text: string, nowMs = NOW_MS) => ({
    ...request,
    address: address(text),
    nowMs,
  });

  it('is bound in the network that first sent it, and weak elsewhere', () => {
    const { outcomeOf: tell } = testCheck(keys);
    expect(tell(from(overAuthority, '192.0.2.7'))).toBe('bound');
    expect(tell(from(overAuthority, '192.0.2.8'))).toBe('bound');
    expect(tell(from(overAuthority, '198.51.100.1'))).toBe('verified: replayable');
    expect(tell({ ...from(overAuthority, '192.0.2.9'), target: '/other' })).toBe('bound');
  });

  test.each<[string, SignedFacts]>([
    [
      'covers the path without its query',
      signed(covering(METHOD, AUTHORITY, ['"@path"', '/posts'], AGENT), key),
    ],
    ['does not cover the method', signed(covering(URI, AGENT), key)],
    ['is older than 10 minutes', signed(parameters({ created: NOW_S - 601 }), key)],
  ])('is one that %s', (_what, request) => {
    const { outcomeOf: tell } = testCheck(keys);
    expect(tell(from(request, '192.0.2.7'))).toBe('bound');
    expect(tell(from(request, '198.51.100.1'))).toBe('verified: replayable');
  });

  it('is weak everywhere once more than 3 networks have sent it', () => {
    const { outcomeOf: tell } = testCheck(keys);
    const request = signed(good, key);
    for (const place of ['192.0.2.7', '198.51.100.1', '203.0.113.1'])
      expect(tell(from(request, place))).toBe('bound');
    expect(tell(from(request, '2001:db8::1'))).toBe('verified: many_networks');
    expect(tell(from(request, '192.0.2.7'))).toBe('verified: many_networks');
  });
});

describe('the memory of signatures', () => {
  const over = (nonce: string, by: TestKey, name: string) => {
    const agent = ['"signature-agent";key="sig1"', `"${name}"`] as const;
    const plan = { ...covering(AUTHORITY, agent), agent: `sig1="${name}"` };
    return signed({ ...plan, parameters: { ...plan.parameters, nonce, keyid: by.thumbprint } }, by);
  };
  const elsewhere = (request: SignedFacts) => ({ ...request, address: address('198.51.100.1') });
  const settings = { maxPerCaller: 10_000, maxPerSecond: 10_000 };

  it('of one signer is not evicted by another signer, nor by wrong signatures', () => {
    const { outcomeOf: tell } = testCheck(keys, settings);
    const first = over('first', key, SIGNER);
    expect(tell(first)).toBe('bound');
    for (let i = 0; i < 2_100; i++) tell(over(`n${i}`, other, OTHER_SIGNER));
    for (let i = 0; i < 100; i++) tell(withField(first, 'signature', `sig1=:${btoa(`wrong ${i}`)}:`));
    expect(tell(elsewhere(first))).toBe('verified: replayable');
  }, 30_000);

  it('does not make a repeated signature the first one, even if it has forgotten the first', () => {
    const { outcomeOf: tell } = testCheck(keys, settings);
    const first = over('first', key, SIGNER);
    expect(tell(first)).toBe('bound');
    for (let i = 0; i < 2_100; i++) tell(over(`n${i}`, key, SIGNER));
    expect(tell(elsewhere(first))).toBe('verified: replayable');
  }, 30_000);
});

describe('a nonce that occurs twice', () => {
  it('is counted by default', () => {
    const { outcomeOf: tell, repeats } = testCheck(keys);
    expect([tell(signed(good, key)), tell(signed(good, key))]).toEqual(['bound', 'bound']);
    expect(repeats()).toBe(1);
  });

  it('makes the signature invalid if the setting is strict', () => {
    const { outcomeOf: tell } = testCheck(keys, { nonce: 'strict' });
    expect([tell(signed(good, key)), tell(signed(good, key))]).toEqual(['bound', 'invalid: replayed']);
    expect(tell(signed(parameters({ created: NOW_S - 9 }), key))).toBe('invalid: replayed');
    expect(tell(signed(parameters({ nonce: 'n2' }), key))).toBe('bound');
  });

  it('is not spent by a signature that does not verify', () => {
    const { outcomeOf: tell } = testCheck(keys, { nonce: 'strict' });
    expect(tell(signed(good, other))).toBe('invalid: signature_wrong');
    expect(tell(signed(good, key))).toBe('bound');
  });
});

describe('the budget of verifications', () => {
  const numbered = (nonce: number, by: TestKey = key) => signed(parameters({ nonce: `n${nonce}` }), by);

  it('is limited for a caller, and does not count signatures that were seen', () => {
    const { outcomeOf: tell } = testCheck(keys, { maxPerCaller: 2 });
    expect([tell(numbered(1)), tell(numbered(1)), tell(numbered(2, other))]).toEqual([
      'bound',
      'bound',
      'invalid: signature_wrong',
    ]);
    expect(tell(numbered(3))).toBe('unverified: over_budget');
    expect(tell(numbered(1))).toBe('bound');
    expect(tell({ ...numbered(3), address: address('198.51.100.1') })).toBe('bound');
    expect(tell({ ...numbered(4), nowMs: NOW_MS + 1_000 })).toBe('bound');
  });

  it('is limited for the process', () => {
    const { outcomeOf: tell } = testCheck(keys, { maxPerSecond: 1 });
    expect(tell(numbered(1))).toBe('bound');
    expect(tell({ ...numbered(2), address: address('198.51.100.1') })).toBe('unverified: over_budget');
  });
});

it('reports each outcome once', () => {
  const { check, outcomes } = testCheck(keys);
  check(signed(good, key));
  check(signed(good, other));
  expect(outcomes.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['verified', null],
    ['invalid', 'signature_wrong'],
  ]);
});
