/** The ledger reconciled with the log of a real origin: agreement, broken off responses and a falsified row. */

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addClients } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { startLoggingOrigin } from '../support/origins/logging.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CLI = fileURLToPath(new URL('../../dist/entry/cli.js', import.meta.url));
const HOUR_MS = 3_600_000;
const PROXY = '127.0.0.100';

const CONFIG = {
  trustedProxies: [PROXY],
  upstream: { clientHeader: 'Postmeter-Client' },
  routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
};

interface Difference {
  readonly client: string;
  readonly state: string;
  readonly onlyIn: string | null;
  readonly ledger: { readonly posts: number };
  readonly log: { readonly posts: number };
}

interface Findings {
  readonly log: { readonly lines: number; readonly faulty: number };
  readonly posts: { readonly ledger: number; readonly log: number };
  readonly ledgerHasMorePosts: number;
  readonly ledgerHasLessPosts: number;
  readonly differences: readonly Difference[];
}

describe('reconciling with the log of the origin', () => {
  let folder: string;
  let log: string;
  let origin: Origin;
  let database: FreshDatabase;
  let gateway: GatewayProcess;
  let keys: Map<string, string>;
  const range = [-HOUR_MS, HOUR_MS].map((offsetMs) => new Date(Date.now() + offsetMs).toISOString());

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postmeter-reconcile-'));
    log = join(folder, 'access.log');
    await writeFile(log, '');
    origin = await startLoggingOrigin(log);
    database = await freshDatabase('reconcile');
    const env = { DATABASE_URL: database.url };
    gateway = await startGatewayProcess({ upstream: origin.url, config: CONFIG, env });
    await gateway.admin('POST', '/v1/clients', { id: 'ranged', name: 'ranged' });
    await gateway.admin('POST', '/v1/clients/ranged/identifiers', { kind: 'cidr', cidr: '127.0.1.0/24' });
    // If the client's keys are known, its range is too.
    keys = await addClients([gateway], ['acme', 'breaks-off']);
  });

  afterAll(async () => {
    await gateway?.stop();
    await origin?.stop();
    await database?.drop();
    await rm(folder, { recursive: true });
  });

  const bearer = (id: string) => ({ authorization: `Bearer ${keys.get(id)}` });

  function reconcile(
    files: readonly string[],
    ...more: string[]
  ): Promise<{ code: number; out: string; err: string }> {
    const args = [CLI, 'reconcile', ...files, '--since', range[0]!, '--until', range[1]!, ...more];
    const env = {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: database.url,
      POSTMETER_CONFIG: join(gateway.dataDir, 'test.config.json'),
    };
    return new Promise((resolve) => {
      execFile(process.execPath, args, { env }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });
  }

  /** Waits until the ledger has everything, which takes about a second. */
  async function findings(isComplete: (found: Findings) => boolean): Promise<Findings & { code: number }> {
    let found: (Findings & { code: number }) | undefined;
    await expect
      .poll(
        async () => {
          const { code, out, err } = await reconcile([log], '--format', 'json');
          expect(err).toBe('');
          found = { code, ...(JSON.parse(out) as Findings) };
          return isComplete(found);
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBe(true);
    return found!;
  }

  it('finds no difference in an unfalsified ledger: keys, ranges, addresses, proxies, errors and an invented name', async () => {
    const asked: [string, Parameters<typeof ask>[2]][] = [
      ['/posts?n=20', { headers: bearer('acme') }],
      ['/posts?n=13', { headers: bearer('acme'), localAddress: '127.0.1.9' }],
      ['/posts?n=7', { localAddress: '127.0.1.9' }],
      ['/posts?n=5', { localAddress: '127.0.0.50' }],
      ['/posts?n=3', { localAddress: PROXY, headers: { 'x-forwarded-for': '2001:db8:1:2::3' } }],
      ['/posts', { localAddress: '127.0.0.50' }],
      [
        '/posts?n=11',
        { localAddress: '127.0.0.51', headers: { 'Postmeter-Client': 'acme', Postmeter_Client: 'acme' } },
      ],
    ];
    const statuses = await Promise.all(asked.map(([path, options]) => ask(gateway.url, path, options)));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404, 200]);

    const found = await findings(({ posts, log }) => posts.ledger === posts.log && log.lines >= asked.length);
    expect(found.code).toBe(0);
    expect(found.differences.filter(({ state }) => state !== 'edge')).toEqual([]);
    expect(found.posts.log).toBe(20 + 13 + 7 + 5 + 3 + 11);
    const lines = await readFile(log, 'utf8');
    for (const name of ['acme', 'ranged', 'addr:127.0.0.50', 'addr:127.0.0.51', 'addr:2001:db8:1::/56']) {
      expect(lines).toContain(` - ${name} [`);
    }
  });

  it('finds it by address too if the log names no client, except for keys', async () => {
    const nameless = join(folder, 'nameless.log.gz');
    const text = (await readFile(log, 'utf8'))
      .split('\n')
      .filter((line) => !/ - (acme|last-of-acme) \[/.test(line));
    await writeFile(nameless, gzipSync(text.join('\n').replaceAll(/ - \S+ \[/g, ' - - [')));
    const { out } = await reconcile([nameless], '--format', 'json');
    const { differences } = JSON.parse(out) as Findings;
    const serious = differences.filter(({ state }) => state !== 'edge' && state !== 'requests');
    expect([...new Set(serious.map(({ client }) => client))]).toEqual(['acme']);
  });

  it('reports aborted responses as posts that the ledger lacks', async () => {
    await Promise.all([1, 2, 3].map(() => breakOff('/posts?n=4000&hold=1')));
    await expect.poll(async () => (await readFile(log, 'utf8')).match(/ - breaks-off \[/g)?.length).toBe(3);
    const isThere = ({ differences }: Findings) =>
      differences.some(({ client, ledger }) => client === 'breaks-off' && ledger.posts > 0);
    const found = await findings(isThere);
    expect(found.code).toBe(1);
    const serious = found.differences.filter(({ state }) => state.startsWith('ledger'));
    expect(new Set(serious.map(({ client, state }) => `${client} ${state}`))).toEqual(
      new Set(['breaks-off ledger_has_less']),
    );
    expect(found.ledgerHasMorePosts).toBe(0);
    // A little less than half of the posts, because those at the end have longer ids.
    expect(found.ledgerHasLessPosts).toBeGreaterThanOrEqual(3 * 1_900);
  });

  it('finds the one falsified row of the ledger, and shows the unreadable line', async () => {
    const sql = postgres(database.url, { max: 1, onnotice: () => {} });
    const falsified = await sql`
      update usage set posts = posts + 7 where (client_id, bucket_at) =
        (select client_id, min(bucket_at) from usage where client_id = 'addr:127.0.0.50' group by client_id)`;
    await sql.end();
    expect(falsified.count).toBe(1);
    const spoiled = join(folder, 'spoiled.log');
    const text = await readFile(log, 'utf8');
    await writeFile(spoiled, `${text}what is this\n`);

    const { code, out } = await reconcile([spoiled], '--format', 'json');
    expect(code).toBe(1);
    const { differences, ledgerHasMorePosts } = JSON.parse(out) as Findings;
    const more = differences.filter(({ state }) => state === 'ledger_has_more');
    expect(more).toMatchObject([{ client: 'addr:127.0.0.50', onlyIn: null }]);
    expect(more[0]!.ledger.posts - more[0]!.log.posts).toBe(7);
    expect(ledgerHasMorePosts).toBe(7);

    const table = await reconcile([spoiled]);
    expect(table.code).toBe(1);
    expect(table.out).toMatch(/addr:127\.0\.0\.50 .* ledger has more .* \+7 /);
    expect(table.out).toContain('LEDGER HAS MORE: 7 posts');
    expect(table.out).toContain(`1 lines cannot be read:\n  ${spoiled}, line ${text.split('\n').length}: `);
  });

  it('exits with 2 if it cannot compare', async () => {
    const missing = await reconcile([join(folder, 'missing.log')]);
    expect([missing.code, missing.out]).toEqual([2, '']);
    expect(missing.err).toMatch(/^postmeter: .*missing\.log: cannot be read/);
  });

  /** Disconnects when the first half has arrived. */
  function breakOff(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        gateway.url,
        { path, headers: bearer('breaks-off'), agent: false },
        (response) => {
          response.on('error', () => {});
          response.once('data', () => {
            request.destroy();
            resolve();
          });
        },
      );
      request.on('error', reject);
      request.end();
    });
  }
});
