/** A signer for tests, written from RFC 9421 apart from the code under test, and requests that it signs. */

import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { JWK } from 'jose';
import { sha256Hex } from '../../../src/adapters/crypto/sha256-hex.ts';
import { importSignatureKeys } from '../../../src/adapters/crypto/signature-keys.ts';
import { parseAddress } from '../../../src/identify/address.ts';
import type { SignatureOutcome, SignedFacts } from '../../../src/identify/asker/port.ts';
import { createSignatureCheck } from '../../../src/identify/signature/check.ts';
import type { KnownKeys, SignatureKey } from '../../../src/identify/signature/key.ts';
import { signatureSettingsSchema } from '../../../src/identify/signature/settings.ts';

export const NOW_S = 1_800_000_000;
export const NOW_MS = NOW_S * 1000;
export const SIGNER = 'https://signer.example';

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
  readonly thumbprint: string;
  readonly key: SignatureKey;
}

export async function testKey(type: 'ed25519' | 'rsa' | 'ec' = 'ed25519'): Promise<TestKey> {
  const { privateKey, publicKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  const [key] = await importSignatureKeys([jwk], true);
  return { privateKey, jwk, thumbprint: thumbprintOf(jwk), key: key! };
}

/** RFC 7638, by hand. */
function thumbprintOf({ crv, e, kty, n, x, y }: JWK): string {
  return createHash('sha256').update(JSON.stringify({ crv, e, kty, n, x, y })).digest('base64url');
}

export function keysOf(byName: Readonly<Record<string, readonly SignatureKey[]>>): KnownKeys {
  return {
    find({ name }, thumbprint) {
      const keys = byName[name];
      if (keys === undefined) return { kind: 'none', reason: 'directory_unknown' };
      const key = keys.find((one) => one.thumbprint === thumbprint);
      return key === undefined ? { kind: 'none', reason: 'key_unknown' } : { kind: 'key', key };
    },
  };
}

/** What a request says and what its signature covers. */
export interface Plan {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly label: string;
  /** Identifiers of components, each with its value. */
  readonly components: readonly (readonly [id: string, value: string])[];
  readonly parameters: Readonly<Record<string, string | number | undefined>>;
  readonly agent: string | null;
}

export function goodPlan({ thumbprint }: Pick<TestKey, 'thumbprint'>): Plan {
  return {
    method: 'GET',
    target: '/posts?page=2',
    host: 'API.example:443',
    fields: [['X-Purpose', 'archive']],
    label: 'sig1',
    components: [
      ['"@method"', 'GET'],
      ['"@target-uri"', 'https://api.example/posts?page=2'],
      ['"x-purpose"', 'archive'],
      ['"signature-agent";key="sig1"', `"${SIGNER}"`],
    ],
    parameters: {
      created: NOW_S - 10,
      expires: NOW_S + 290,
      keyid: thumbprint,
      alg: 'ed25519',
      nonce: 'n1',
      tag: 'web-bot-auth',
    },
    agent: `sig1="${SIGNER}"`,
  };
}

/** The text of Signature-Input without its label. */
export function inputOf({ components, parameters }: Plan): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const texts = given.map(([name, value]) => `;${name}=${typeof value === 'number' ? value : `"${value}"`}`);
  return `(${components.map(([id]) => id).join(' ')})${texts.join('')}`;
}

export function signed(plan: Plan, { privateKey }: Pick<TestKey, 'privateKey'>): SignedFacts {
  const input = inputOf(plan);
  const lines = [...plan.components.map(([id, value]) => `${id}: ${value}`), `"@signature-params": ${input}`];
  const signature = sign(null, Buffer.from(lines.join('\n')), privateKey).toString('base64');
  return facts(plan, `${plan.label}=${input}`, `${plan.label}=:${signature}:`);
}

export function facts(plan: Plan, input: string, signature: string): SignedFacts {
  const { agent, fields, host, method, target } = plan;
  const headers = [...fields.flat(), 'Signature-Input', input, 'SIGNATURE', signature];
  if (agent !== null) headers.push('signature-agent', agent);
  return { method, target, host, secure: true, headers, address: address('192.0.2.7'), nowMs: NOW_MS };
}

export function address(text: string) {
  return parseAddress(text)!;
}

/** The request with another value of a field, or without it. */
export function withField(request: SignedFacts, name: string, value: string | null): SignedFacts {
  const headers = request.headers.flatMap((one, at, all) => {
    if (at % 2 === 1) return [];
    return one.toLowerCase() === name ? (value === null ? [] : [one, value]) : [one, all[at + 1]!];
  });
  return { ...request, headers };
}

export function fieldOf(request: SignedFacts, name: string): string {
  const at = request.headers.findIndex((one, index) => index % 2 === 0 && one.toLowerCase() === name);
  return request.headers[at + 1]!;
}

export interface TestCheck {
  readonly check: (request: SignedFacts) => SignatureOutcome | null;
  /** The outcome in one word: `bound`, or outcome and reason. */
  readonly outcomeOf: (request: SignedFacts) => string;
  readonly outcomes: SignatureOutcome[];
  readonly repeats: () => number;
}

export function testCheck(keys: KnownKeys, settings: Record<string, unknown> = {}): TestCheck {
  const outcomes: SignatureOutcome[] = [];
  let repeats = 0;
  const { check } = createSignatureCheck({
    settings: signatureSettingsSchema.parse(settings),
    keys,
    hash: sha256Hex,
    onOutcome: (outcome) => outcomes.push(outcome),
    onNonceRepeated: () => {
      repeats += 1;
    },
  });
  const outcomeOf = (request: SignedFacts) => {
    const found = check(request);
    if (found === null) return 'none';
    return found.reason === null ? found.grade : `${found.outcome}: ${found.reason}`;
  };
  return { check, outcomeOf, outcomes, repeats: () => repeats };
}
