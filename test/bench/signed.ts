/**
 * CPU microseconds per request that a known signer has signed. Signers repeat a signature while it is valid, as the load
 * does here; the first verification of one costs about 130 µs more.
 */

import { generateKeyPairSync, sign } from 'node:crypto';
import { httpbis } from 'http-message-signatures';
import { calculateJwkThumbprint, type JWK } from 'jose';
import postgres from 'postgres';
import type { Contender, Running, Site } from './contender.ts';
import { pages } from './pages.ts';
import { postmeterOnServers, startOnServers } from './postmeter.ts';
import { benchContenders, type Options } from './proxies.ts';
import type { Row } from './report.ts';

const SIGNER = 'https://signer.example';
const MAX_RATIO = 1.2;
const HOUR_MS = 3_600_000;
const page = pages[0]!;
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const jwk = publicKey.export({ format: 'jwk' }) as JWK;

const signedBySigner: Contender = {
  name: 'Postmeter, signed by a known signer',
  role: 'postmeter',
  start: startSigned,
};

export async function benchSigned(options: Options): Promise<Row[]> {
  const figures = await benchContenders([postmeterOnServers, signedBySigner], [page], options);
  const [unsigned, signed] = figures.map(({ micros }) => micros.get(page.label) ?? Number.NaN);
  const row = {
    measured: `${page.label}: ${signedBySigner.name}`,
    figure: `${signed!.toFixed(1)} µs CPU/request`,
    against: postmeterOnServers.name,
  };
  return [{ ...row, ratio: signed! / unsigned!, bar: { kind: 'at most', ratio: MAX_RATIO } }];
}

async function startSigned(site: Site): Promise<Running> {
  const gateway = await startOnServers(site, publishKey);
  const headers = { ...gateway.headers, ...(await signatureFields(gateway.url)) };
  const deadline = performance.now() + 15_000;
  // The first request makes the gateway read the directory from the ledger.
  while (!(await gateway.metrics()).includes('postmeter_signatures_total{outcome="verified"')) {
    if (performance.now() > deadline) throw new Error('Postmeter does not verify the signature within 15 s');
    await (await fetch(gateway.url + page.path, { headers })).arrayBuffer();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { ...gateway, headers };
}

async function publishKey(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1 });
  const keys = sql.json({ keys: [jwk] } as never);
  await sql`
    insert into agent_directories (url, fetched_at, fresh_until, keys, failures, tried_at)
    values (${SIGNER}, now(), now() + interval '1 day', ${keys}, 0, now())`;
  await sql.end();
}

async function signatureFields(url: string): Promise<Record<string, string>> {
  const id = await calculateJwkThumbprint(jwk);
  const { headers } = await httpbis.signMessage(
    {
      name: 'sig1',
      key: { id, alg: 'ed25519', sign: async (data) => sign(null, data, privateKey) },
      params: ['created', 'expires', 'keyid', 'alg', 'nonce', 'tag'],
      fields: ['@method', '@authority', '@path', '"signature-agent";key="sig1"'],
      paramValues: { tag: 'web-bot-auth', nonce: 'bench', expires: new Date(Date.now() + HOUR_MS) },
    },
    { method: 'GET', url: url + page.path, headers: { 'signature-agent': `sig1="${SIGNER}"` } },
  );
  return headers as Record<string, string>;
}
