/**
 * Requests that others' libraries have signed. web-bot-auth 0.1.3 signs the whole field under the name of a member, so it
 * signs the older form, a string; the other two sign the dictionary.
 */

import { sign } from 'node:crypto';
import fc from 'fast-check';
import { component, createSignature } from 'http-message-sig';
import { httpbis } from 'http-message-signatures';
import { test } from 'vitest';
import { signatureHeaders } from 'web-bot-auth';
import { signerFromJWK } from 'web-bot-auth/crypto';
import type { SignedFacts } from '../../../src/identify/asker/port.ts';
import { draws } from '../../support/draws.ts';
import { address, keysOf, NOW_MS, NOW_S, SIGNER, testCheck, testKey } from './signing.ts';

const key = await testKey();
const known = keysOf({ [SIGNER]: [key.key] });
const privateJwk = key.privateKey.export({ format: 'jwk' });

interface Drawn {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly label: string;
  readonly purpose: string;
  readonly covered: readonly string[];
  readonly nonce: Uint8Array;
  readonly ageS: number;
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const drawn: fc.Arbitrary<Drawn> = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST'),
  host: fc.tuple(word, fc.constantFrom('', ':8443')).map(([name, port]) => `${name}.example${port}`),
  path: fc
    .array(fc.oneof(word, fc.constant('caf%C3%A9'), fc.constant('a.b~c')), { maxLength: 3 })
    .map((p) => `/${p.join('/')}`),
  query: fc
    .array(fc.tuple(word, word), { maxLength: 2 })
    .map((all) => all.map((pair) => pair.join('=')).join('&')),
  label: word,
  purpose: fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/),
  covered: fc.subarray(['@method', '@path', '@query', '@scheme', '@target-uri', 'x-purpose']),
  nonce: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  ageS: fc.integer({ min: 0, max: 299 }),
});

const urlOf = ({ host, path, query }: Drawn) => `https://${host}${path}${query === '' ? '' : `?${query}`}`;

function received(one: Drawn, fields: Readonly<Record<string, string>>): SignedFacts {
  const { pathname, search } = new URL(urlOf(one));
  return {
    method: one.method,
    target: pathname + search,
    host: one.host,
    secure: true,
    headers: Object.entries({ 'X-Purpose': one.purpose, ...fields }).flat(),
    address: address('192.0.2.7'),
    nowMs: NOW_MS,
  };
}

const parametersOf = ({ nonce, ageS }: Drawn) => ({
  created: NOW_S - ageS,
  expires: NOW_S - ageS + 300,
  keyid: key.thumbprint,
  alg: 'ed25519',
  nonce: Buffer.from(nonce).toString('base64'),
  tag: 'web-bot-auth',
});

const SIGNERS: Readonly<Record<string, (one: Drawn) => Promise<Record<string, string>>>> = {
  'web-bot-auth, a string as Signature-Agent': async (one) => {
    const { created, expires, nonce } = parametersOf(one);
    const agent = `"${SIGNER}"`;
    const message = {
      method: one.method,
      url: urlOf(one),
      headers: { 'signature-agent': agent, 'x-purpose': one.purpose },
    };
    const signer = await signerFromJWK(privateJwk);
    // It signs an absent query as an empty text, against section 2.2.7 of RFC 9421.
    const covered = one.covered.filter((name) => name !== '@query' || one.query !== '');
    const components = ['@authority', 'signature-agent', ...covered] as never;
    const times = { created: new Date(created * 1000), expires: new Date(expires * 1000) };
    const headers = await signatureHeaders(message, signer, { ...times, nonce, components, key: one.label });
    return { 'Signature-Agent': agent, ...(headers as unknown as Record<string, string>) };
  },

  'http-message-sig, a dictionary as Signature-Agent': async (one) => {
    const agent = `${one.label}="${SIGNER}"`;
    const fields = [
      { name: 'signature-agent', value: agent },
      { name: 'x-purpose', value: one.purpose },
    ];
    const { signature, signatureInput } = await createSignature(
      { kind: 'request', method: one.method, targetUri: urlOf(one), fields },
      {
        label: one.label,
        components: ['@authority', component('signature-agent', { key: one.label }), ...one.covered],
        parameters: parametersOf(one),
        signer: { algorithm: 'ed25519', sign: (data) => sign(null, data, key.privateKey) },
      },
    );
    return { 'Signature-Agent': agent, 'Signature-Input': signatureInput, Signature: signature };
  },

  'http-message-signatures, a dictionary as Signature-Agent': async (one) => {
    const agent = `other="https://other.example", ${one.label}="${SIGNER}"`;
    const { created, expires, ...parameters } = parametersOf(one);
    const { headers } = await httpbis.signMessage(
      {
        name: one.label,
        key: { id: key.thumbprint, alg: 'ed25519', sign: async (data) => sign(null, data, key.privateKey) },
        params: ['created', 'expires', 'keyid', 'alg', 'nonce', 'tag'],
        fields: ['@authority', `"signature-agent";key="${one.label}"`, ...one.covered],
        paramValues: { ...parameters, created: new Date(created * 1000), expires: new Date(expires * 1000) },
      },
      {
        method: one.method,
        url: urlOf(one),
        headers: { 'signature-agent': agent, 'x-purpose': one.purpose },
      },
    );
    const { Signature, 'Signature-Input': input } = headers as Record<string, string>;
    return { 'Signature-Agent': agent, 'Signature-Input': input!, Signature: Signature! };
  },
};

test.each(Object.entries(SIGNERS))(
  '%s: random requests verify, and not on another host',
  async (_name, signer) => {
    await fc.assert(
      fc.asyncProperty(
        drawn.filter(({ label }) => label !== 'other'),
        async (one) => {
          const request = received(one, await signer(one));
          const { outcomeOf } = testCheck(known);
          if (outcomeOf(request) !== 'bound')
            throw new Error(`${outcomeOf(request)}: ${JSON.stringify(request)}`);
          const elsewhere = outcomeOf({ ...request, host: `x${one.host}` });
          if (elsewhere !== 'invalid: signature_wrong') throw new Error(`elsewhere: ${elsewhere}`);
        },
      ),
      { numRuns: draws(60) },
    );
  },
);
