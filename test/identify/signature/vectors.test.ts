/**
 * The vectors of draft-ietf-webbotauth-httpsig-protocol, and those that cloudflare/web-bot-auth has beside them. Their
 * keys are those of RFC 9421's appendix, which are refused outside of tests; some of them live 100 years.
 */

import type { JWK } from 'jose';
import { describe, expect, it, test } from 'vitest';
import { importSignatureKeys } from '../../../src/adapters/crypto/signature-keys.ts';
import { signatureBase } from '../../../src/identify/signature/base.ts';
import { signatureReader } from '../../../src/identify/signature/read.ts';
import { signerOf } from '../../../src/identify/signature/signer.ts';
import { address, keysOf, testCheck } from './signing.ts';

const CREATED_S = 1_735_689_600;
const ED25519: JWK = { kty: 'OKP', crv: 'Ed25519', x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' };
const RSA: JWK = {
  kty: 'RSA',
  e: 'AQAB',
  n: 'r4tmm3r20Wd_PbqvP1s2-QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct-Lh1GH45x28Rw3Ry53mm-oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHqgDsznjPFmTOtCEcN2Z1FpWgchwuYLPL-Wokqltd11nqqzi-bJ9cvSKADYdUAAN5WUtzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4aOT9v6d-nb4bnNkQVklLQ3fVAvJm-xdDOp9LCNCN48V2pnDOkFV6-U9nV5oyc6XI2w',
};
const P256: JWK = {
  kty: 'EC',
  crv: 'P-256',
  x: 'qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA',
  y: 'Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0',
};
const KEYIDS = {
  ed25519: 'poqkLGiymh_W0uP6PZFw-dvez3QJT5SolqXBCW38r0U',
  'rsa-pss-sha512': 'oD0HwocPBSfpNy5W3bpJeyFGY_IQ_YpqxSjQ3Yd-CLA',
};
const keys = await importSignatureKeys([ED25519, RSA], false, new Set());
const known = keysOf({ 'https://signature-agent.test': keys });

interface Vector {
  readonly alg: keyof typeof KEYIDS;
  readonly covered: string;
  readonly expires: number;
  readonly nonce: string;
  readonly agent?: string;
  readonly label: string;
  readonly signature: string;
}

const LEGACY: readonly Vector[] = [
  {
    alg: 'rsa-pss-sha512',
    covered: '"@authority" "signature-agent"',
    expires: 1_735_693_200,
    nonce: 'XSHtZVCThSIAksXsH9WBs6AtxtXC0eQGiIcUGSoJstFs8lAWakjhrfwzLhyjtme5iXMZvmFWqDEs6cT3Jf+BbQ==',
    agent: '"https://signature-agent.test"',
    label: 'sig2',
    signature:
      'I1QWNzGXdP1a4dSvOHLCVOOanEYHDk+ZsVxM9MLX/p4ko69ghKwR5EOtAD96g7g4GWP7lmpM/jFAf9q8EFRDTPLjUXySwMv4YPgabv2LQihTJG2y8a2m6IGltyruwQNiqSJVUuRaG9+b17CGmAMFZh30X6GXLdQJrCARpeTqPwp2DC+a8haDE/VE5EruqzjA5/2mKwvrkzkSqeW5tOVtFwWRRHIOidquf/8Je6kM9mhgkg4arudLA5SL4wyyYE1jURIgcOl8agrfdJ5Def23DIRtiOLRa8jT9cpTLFAuFHN+mrZA/LH9h0gSIg1cPb+0cMASee5uku1KjWcFer7jWA==',
  },
  {
    alg: 'ed25519',
    covered: '"@authority" "signature-agent"',
    expires: 1_735_693_200,
    nonce: 'e8N7S2MFd/qrd6T2R3tdfAuuANngKI7LFtKYI/vowzk4lAZYadIX6wW25MwG7DCT9RUKAJ0qVkU0mEeLElW1qg==',
    agent: '"https://signature-agent.test"',
    label: 'sig2',
    signature: 'jdq0SqOwHdyHr9+r5jw3iYZH6aNGKijYp/EstF4RQTQdi5N5YYKrD+mCT1HA1nZDsi6nJKuHxUi/5Syp3rLWBA==',
  },
];

/** Their member of Signature-Agent has another name than the signature, or there is none. */
const OTHERS: readonly Vector[] = [
  {
    alg: 'rsa-pss-sha512',
    covered: '"@authority" "signature-agent";key="agent2"',
    expires: 4_889_289_600,
    nonce: 'wcfPQPh7SzkvrIVvhD00vNk9PkxJNY2NVbYl2PVBB4zmUoluSwE7W6bPtF60QA3k8g06FU7PPCD+J58YofY1zg==',
    agent: 'agent2="https://signature-agent.test"',
    label: 'sig2',
    signature:
      'gHzpLNeHaHIO19NaJH9YMW5dcVSi2s0wOMBr6p18vcofS106sfC4KBIS0/szPlBBd1vIcyQ88B6CTEWIhRAiVrb9zfX0mx1aG12CSGWcYkSirHeyTxhbuJvXd27ed6skWoy4PjXItq38936ivUQjfdIwXh1aX6HxkAC3vRnEdSNfntkLWeEuIQ5BLIOBGE39fSwg27Qjq6OVWYas/9/aFUr3HA34MXWYdp+//cvlEKDp3kRoLOw9ro0AOr6srHrTeEtxon2afcws1aZVSlPdd2fZSEIGmw9HAHLDCEkFTERu1gH2k/zIEqgy7CAYXI9E5slog0cLg/Vc6+f8gih33g==',
  },
  {
    alg: 'ed25519',
    covered: '"@authority" "signature-agent";key="agent2"',
    expires: 4_889_289_600,
    nonce: 'n9p433xm+NJ3ph3upfBIGmsuwHw387YV7Q/F+6BSpGCVjYCqQw6rznNA8PVVLySrAWsv0hQtFioQb6E1YsauiA==',
    agent: 'agent2="https://signature-agent.test"',
    label: 'sig2',
    signature: 'RdNFx5Bj6au3YgAMQL/RzmUlZE8QZLIaXGRpw985hWnwPfMxT228NMk6ehRS1PSl4e8PhbNZACSanGdhEwYCCg==',
  },
  {
    alg: 'ed25519',
    covered: '"@authority"',
    expires: 4_889_289_600,
    nonce: 'zIW8+cdmA3vdYagbxojpONwa/l0EKJ/O3/wD486VvsQjO/RxPaSt6ZxvQaMcQzNnqKN/mQ6hpGiFro2L2qkz5A==',
    label: 'sig1',
    signature: 'QKN4fTdIYfh82fvoZCQiQA1weuozfCS/Led2zTMbewMMqH8PI2Wsy/5c4ao6B6D09nraNQdBNOADg8aM1MqfCg==',
  },
];

function requestOf({ alg, covered, expires, nonce, agent, label, signature }: Vector) {
  const input = `${label}=(${covered});created=${CREATED_S};keyid="${KEYIDS[alg]}";alg="${alg}";expires=${expires};nonce="${nonce}";tag="web-bot-auth"`;
  const headers = ['Signature-Input', input, 'Signature', `${label}=:${signature}:`];
  if (agent !== undefined) headers.push('Signature-Agent', agent);
  return {
    method: 'GET',
    target: '/path/to/resource',
    host: 'example.com',
    secure: true,
    headers,
    address: address('192.0.2.7'),
    nowMs: (CREATED_S + 60) * 1000,
  };
}

function isCryptographicallyValid(vector: Vector): boolean {
  const request = requestOf(vector);
  const read = signatureReader()(request.headers);
  if (read?.kind !== 'signatures') throw new Error('the vector cannot be read');
  const [signature] = read.signatures;
  const base = signatureBase(signature!, request);
  if (base.kind === 'fault') throw new Error(base.reason);
  const key = keys.find(({ thumbprint }) => thumbprint === signature!.keyid);
  return key!.verifies(base.text, signature!.value);
}

describe('the vectors', () => {
  test.each(LEGACY)('with a string as Signature-Agent verify: $alg', (vector) => {
    expect(testCheck(known).outcomeOf(requestOf(vector))).toBe('bound');
    expect(isCryptographicallyValid(vector)).toBe(true);
  });

  test.each(OTHERS)(
    'without a member of the signature have a valid signature, but name no signer: $alg $covered',
    (vector) => {
      expect(isCryptographicallyValid(vector)).toBe(true);
      const century = { maxLifeSeconds: 4_000_000_000 };
      expect(testCheck(known, century).outcomeOf(requestOf(vector))).toBe(
        vector.agent === undefined ? 'unverified: signer_missing' : 'invalid: signer_unusable',
      );
      expect(testCheck(known).outcomeOf(requestOf(vector))).toBe('invalid: life_too_long');
    },
  );

  it('have keys that no directory may publish', async () => {
    expect(await importSignatureKeys([ED25519, RSA, P256], true)).toEqual([]);
  });
});

describe('a member of Signature-Agent', () => {
  const origin = { name: 'https://signature-agent.test', url: `https://signature-agent.test${wellKnown()}` };

  test.each<[string, string | undefined, ReturnType<typeof signerOf>]>([
    ['https://signature-agent.test', undefined, origin],
    ['https://Signature-Agent.test:443/', 'directory', origin],
    [`https://signature-agent.test${wellKnown()}`, undefined, origin],
    [`https://signature-agent.test${wellKnown()}?a=1`, 'jwks_uri', origin],
    [
      'https://signature-agent.test/jwks.json?v=2#a',
      'jwks_uri',
      { name: 'https://signature-agent.test/jwks.json', url: 'https://signature-agent.test/jwks.json?v=2' },
    ],
    [
      'https://signature-agent.test/jwks.json',
      undefined,
      { name: 'https://signature-agent.test/jwks.json', url: 'https://signature-agent.test/jwks.json' },
    ],
    [
      'https://signature-agent.test/card',
      'cimd',
      { name: 'https://signature-agent.test/card', url: 'https://signature-agent.test/card' },
    ],
    ['https://signature-agent.test/jwks.json', 'directory', null],
    ['data:application/json,{}', undefined, null],
    ['signature-agent.test', undefined, null],
  ])('%s of type %s', (url, type, expected) => {
    expect(signerOf(url, type)).toEqual(expected);
  });
});

function wellKnown(): string {
  return '/.well-known/http-message-signatures-directory';
}
