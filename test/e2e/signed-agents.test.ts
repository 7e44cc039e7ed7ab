/** Agents that sign their requests, through the built gateway: proven, tampered with, and not known yet. */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { httpbis } from 'http-message-signatures';
import { calculateJwkThumbprint, type JWK } from 'jose';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addClients, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SIGNER = 'https://signer.example';
const CONFIG = {
  upstream: { agentHeader: 'Postmeter-Agent' },
  agents: {
    catalogue: [
      { token: 'GoodBot', operator: 'Good', class: 'search', verify: { signatureAgents: [SIGNER] } },
    ],
    signatures: { onInvalid: 'refuse' },
  },
  routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
};

let database: FreshDatabase;
let origin: Origin;
let gateway: GatewayProcess;
const seen: Record<string, string | string[] | undefined>[] = [];
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
let keyid: string;

beforeAll(async () => {
  database = await freshDatabase('signed_agents');
  origin = await startScriptedOrigin((_url, response, request) => {
    seen.push(request.headers);
    response.writeHead(200, { 'content-type': 'application/json' }).end(pageOf(7));
  });
  const env = { DATABASE_URL: database.url };
  // The first start creates the tables; the directory is there before the second.
  const first = await startGatewayProcess({ upstream: origin.url, config: CONFIG, env });
  await first.stop();
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  keyid = await calculateJwkThumbprint(jwk);
  const sql = postgres(database.url, { max: 1 });
  await sql`
    insert into agent_directories (url, fetched_at, fresh_until, keys, failures, tried_at)
    values (${SIGNER}, now(), now() + interval '1 hour', ${sql.json({ keys: [jwk] } as never)}, 0, now())`;
  await sql.end();
  gateway = await startGatewayProcess({ upstream: origin.url, config: CONFIG, env });
});

afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
  await database?.drop();
});

interface Signing {
  readonly signer?: string;
  readonly key?: KeyObject;
  readonly path?: string;
}

async function signedHeaders({ signer = SIGNER, key = privateKey, path = '/posts' }: Signing = {}) {
  const { headers } = await httpbis.signMessage(
    {
      name: 'sig1',
      key: { id: keyid, alg: 'ed25519', sign: async (data) => sign(null, data, key) },
      params: ['created', 'expires', 'keyid', 'alg', 'tag'],
      fields: ['@method', '@authority', '@path', '"signature-agent";key="sig1"'],
      paramValues: { tag: 'web-bot-auth' },
    },
    { method: 'GET', url: gateway.url + path, headers: { 'signature-agent': `sig1="${signer}"` } },
  );
  return headers as Record<string, string>;
}

const agentSeen = () => seen.at(-1)?.['postmeter-agent'];

describe('a request that a known signer has signed', () => {
  it('proves its agent, whose signature reaches the platform unchanged', async () => {
    const headers = await signedHeaders();
    await vi.waitFor(async () => {
      expect((await fetch(`${gateway.url}/posts`, { headers })).status).toBe(200);
      expect(agentSeen()).toBe('"GoodBot";class=search;verdict=verified;evidence=signature');
    });
    expect(seen.at(-1)).toMatchObject({
      'signature-agent': headers['signature-agent'],
      'signature-input': headers['Signature-Input'],
      signature: headers.Signature,
    });
  });

  it('is metered for the client of its agent', async () => {
    await addClients([gateway], ['good']);
    await gateway.admin('POST', '/v1/clients/good/identifiers', { kind: 'agent', agent: 'GoodBot' });
    await vi.waitFor(async () => {
      await fetch(`${gateway.url}/posts`, { headers: await signedHeaders() });
      expect((await usageOf(gateway, 'good')).posts).toBeGreaterThan(0);
    }, 20_000);
  });
});

describe('a signature', () => {
  it('over another path is refused, and the answer says what to sign', async () => {
    const answer = await fetch(`${gateway.url}/posts`, { headers: await signedHeaders({ path: '/other' }) });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('accept-signature')).toMatch(
      /^sig1=\("@method" "@target-uri" .*tag="web-bot-auth"$/,
    );
    expect(await answer.json()).toMatchObject({
      code: 'signature_invalid',
      detail: expect.stringContaining('signature_wrong'),
    });
  });

  it('by another key in the name of a known signer is refused', async () => {
    const key = generateKeyPairSync('ed25519').privateKey;
    const answer = await fetch(`${gateway.url}/posts`, { headers: await signedHeaders({ key }) });
    expect(answer.status).toBe(403);
  });

  it('of an unknown signer is not verified, and its directory is fetched behind the request', async () => {
    const headers = await signedHeaders({ signer: 'https://unknown-signer.invalid' });
    expect((await fetch(`${gateway.url}/posts`, { headers })).status).toBe(200);
    expect(agentSeen()).not.toContain('verified');
    const sql = postgres(database.url, { max: 1 });
    await vi.waitFor(async () => {
      const rows =
        await sql`select failures, failure from agent_directories where url = 'https://unknown-signer.invalid'`;
      expect(rows[0]).toMatchObject({ failures: 1 });
    }, 20_000);
    await sql.end();
    expect(await gateway.metrics()).toContain(
      'postmeter_signatures_total{outcome="unverified",reason="directory_unknown"} 1',
    );
  });
});
