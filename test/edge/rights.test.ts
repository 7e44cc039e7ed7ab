/** The enforcement of rights at the edge: the registry and the policy of the ledger decide in the bundled Worker. */

import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { migratePostgres } from '../../src/adapters/postgres/connection/migrate.ts';
import { startWorkerd, type Workerd } from '../support/edge/workerd.ts';
import { ADMIN_TOKEN } from '../support/gateway/process.ts';
import { ask, type Reply } from '../support/http/ask.ts';
import {
  BLOGS_CONFIG,
  BLOGS_POLICY,
  BLOGS_SETTINGS,
  type Blogs,
  CLAIMED_BOT,
  DOORS,
  OPTED_OUT,
  PERSON,
  pageWith,
  startBlogs,
  WORDS,
} from '../support/origins/blogs.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { until } from '../support/until.ts';
import { type Admin, adminOf } from './admin.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let origin: Blogs;
let database: FreshDatabase;
let worker: Workerd;
let admin: Admin;
let key: string;

beforeAll(async () => {
  [origin, database] = await Promise.all([startBlogs(), freshDatabase('edge_rights')]);
  await migratePostgres(database.url);
  worker = await startWorkerd({
    bundle: inject('workerBundle'),
    upstream: origin.url,
    databaseUrl: database.url,
    config: BLOGS_CONFIG,
    adminToken: ADMIN_TOKEN,
  });
  admin = adminOf(worker.url, ADMIN_TOKEN);
  await admin('POST', '/v1/clients', { id: 'bot', name: 'bot', askerClass: 'ai_training' });
  ({ key } = await admin<{ key: string }>('POST', '/v1/clients/bot/identifiers', { kind: 'api_key' }));
  await admin('POST', '/v1/rights/settings', BLOGS_SETTINGS);
  const policy = { ...BLOGS_POLICY, enforcement: { mode: 'enforce' } };
  await admin('POST', '/v1/policies', { policy, reason: 'the first policy' });
  await until('the policy applies', async () => (await get('two.example', '/', bot())).status === 403, {
    timeoutMs: 90_000,
    intervalMs: 500,
  });
});
afterAll(async () => {
  await worker?.stop();
  await origin?.stop();
  await database?.drop();
});

const bot = () => ({ authorization: `Bearer ${key}` });
const get = (host: string, path: string, headers: Record<string, string>): Promise<Reply> =>
  ask(worker.url, path, { headers: { 'cf-connecting-ip': '198.51.100.7', ...headers, host } });

it.each(OPTED_OUT)('agents get nothing of the blog at %s%s by any door', async (host, base, word) => {
  origin.served.length = 0;
  for (const headers of [bot(), CLAIMED_BOT]) {
    for (const door of DOORS) {
      const reply = await get(host, base + door, headers);
      expect(reply.status, door).toBe(403);
      expect(reply.body.toString()).not.toContain(word);
    }
  }
  expect(origin.served).toEqual([]);
  const open = await get('one.example', '/feed/', bot());
  expect(open.body.toString()).toContain(WORDS.open);
});

it.each(OPTED_OUT)('people get everything of the blog at %s%s', async (host, base, word) => {
  for (const door of DOORS.filter((one) => !one.startsWith('/robots'))) {
    const reply = await get(host, base + door, PERSON);
    expect(reply.status, door).toBe(200);
    expect(reply.body.toString()).toContain(word);
  }
});

describe('what the platform declares', () => {
  const send = (headers: Record<string, string>, body: string | Buffer) => (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(body);
  };
  const NOAI = pageWith('<meta name="robots" content="noai">');

  it.each<[string, (response: ServerResponse) => void]>([
    ['a header', send({ 'postmeter-rights': 'no-training' }, pageWith(''))],
    ['a meta element', send({}, NOAI)],
    ['a meta element, compressed', send({ 'content-encoding': 'gzip' }, gzipSync(NOAI))],
    ['a meta element of a page with a length', send({ 'content-length': String(NOAI.length) }, NOAI)],
  ])('by %s is withheld from an agent, and reaches people', async (_name, answer) => {
    origin.declare(answer);
    const reply = await get('one.example', '/declared/x', bot());
    expect(reply.status).toBe(403);
    const person = await get('one.example', '/declared/x', PERSON);
    const direct = await ask(origin.url, '/declared/x', { headers: { host: 'one.example' } });
    expect(person.status).toBe(200);
    expect(person.headers['postmeter-rights']).toBeUndefined();
    expect(person.body.equals(direct.body)).toBe(true);
  });

  it.each<[string, string | Buffer, Record<string, string>]>([
    ['a page', pageWith(''), {}],
    ['a compressed page', gzipSync(pageWith('')), { 'content-encoding': 'gzip' }],
    ['a long page', 'slate '.repeat(200_000), {}],
  ])('about nothing leaves %s as it is', async (_name, body, headers) => {
    origin.declare(send(headers, body));
    const reply = await get('one.example', '/declared/x', bot());
    expect(reply.status).toBe(200);
    expect(reply.body.equals(Buffer.from(body))).toBe(true);
  });
});

it('the ledger gets who asked, and under which policy each journal decided', async () => {
  const askers = await until('the counts are in the ledger', async () => {
    await get('two.example', '/', bot());
    const found = await admin<{ clients: { clientId: string; class: string; withheld: number }[] }>(
      'GET',
      '/v1/askers',
    );
    return found.clients.some(({ clientId, withheld }) => clientId === 'bot' && withheld > 0) && found;
  });
  expect(askers.clients.find(({ clientId }) => clientId === 'bot')?.class).toBe('ai_training');
  const sql = postgres(database.url, { max: 1 });
  try {
    const epochs = await until('an epoch is in the ledger', async () => {
      const rows = await sql`select policy_version, rights_sequence::int from journal_epochs`;
      return rows.length > 0 && rows;
    });
    expect(new Set(epochs.map((row) => row.policy_version))).toEqual(new Set([1]));
    expect(epochs.some((row) => row.rights_sequence === BLOGS_SETTINGS.settings.length)).toBe(true);
  } finally {
    await sql.end();
  }
});
