/** Signatures of agents in workerd, whose cryptography differs from that of Node, and their directories behind requests. */

import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { httpbis } from 'http-message-signatures';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { type GatewayRig, startGatewayRig } from './gateway-rig.ts';

const KINDS = {
  ed25519: generateKeyPairSync('ed25519'),
  'rsa-pss-sha512': generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  'ecdsa-p256-sha256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};
type Algorithm = keyof typeof KINDS;
const jwkOf = (key: KeyObject) => key.export({ format: 'jwk' }) as JWK;

function signature(algorithm: Algorithm, data: Buffer): Buffer {
  const key = KINDS[algorithm].privateKey;
  if (algorithm === 'ed25519') return sign(null, data, key);
  if (algorithm === 'ecdsa-p256-sha256') return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
  return sign('sha512', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 });
}

async function signedHeaders(algorithm: Algorithm, signer: string): Promise<Record<string, string>> {
  const id = await calculateJwkThumbprint(jwkOf(KINDS[algorithm].publicKey));
  const { headers } = await httpbis.signMessage(
    {
      name: 'sig1',
      key: { id, alg: algorithm, sign: async (data) => signature(algorithm, data) },
      params: ['created', 'expires', 'keyid', 'alg', 'tag'],
      fields: ['@method', '@authority', '@path', '"signature-agent";key="sig1"'],
      paramValues: { tag: 'web-bot-auth' },
    },
    { method: 'GET', url: 'http://platform.test/', headers: { 'signature-agent': `sig1="${signer}"` } },
  );
  return headers as Record<string, string>;
}

let seen: string | string[] | undefined;
let rig: GatewayRig;
beforeAll(async () => {
  const origin = (request: IncomingMessage, response: ServerResponse) => {
    seen = request.headers['postmeter-agent'];
    response.end();
  };
  const config = {
    upstream: { agentHeader: 'Postmeter-Agent' },
    agents: { signatures: { onInvalid: 'refuse' } },
    routes: [],
  };
  rig = await startGatewayRig(origin, config);
  await rig.behave({ signerKeys: Object.values(KINDS).map(({ publicKey }) => jwkOf(publicKey)) });
});
afterAll(() => rig?.stop());

test.each(Object.keys(KINDS) as Algorithm[])('a signature by %s is verified', async (algorithm) => {
  const signer = `https://${algorithm}.example`;
  const headers = await signedHeaders(algorithm, signer);
  expect((await rig.ask('/', { headers })).message.statusCode).toBe(200);
  expect(seen).toBe(`"${signer}";class=unknown;verdict=pending;evidence=claim`);
  await expect
    .poll(async () => {
      await rig.ask('/', { headers });
      return seen;
    })
    .toBe(`"${signer}";class=unknown;verdict=verified;evidence=signature`);
  expect((await rig.ask('/other', { headers })).message.statusCode).toBe(403);
});

it('a signature over another path is refused with what to sign', async () => {
  const headers = await signedHeaders('ed25519', 'https://ed25519.example');
  const { message } = await rig.ask('/other', { headers });
  expect(message.statusCode).toBe(403);
  expect(message.headers['accept-signature']).toContain('tag="web-bot-auth"');
});
