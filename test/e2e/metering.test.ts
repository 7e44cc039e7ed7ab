/**
 * The client and the count of each response: the table of outcomes and the ways of identification, over HTTP, read back
 * from the ledger.
 */

import { request as httpRequest, type RequestOptions, type ServerResponse } from 'node:http';
import { brotliCompressSync, constants, createGunzip, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rawFrame } from '../adapters/node/coding/zstd-frames.ts';
import {
  addClients,
  addKey,
  type Counts,
  listOf,
  metricOf,
  setTariff,
  statusFor,
  usageOf,
} from '../support/gateway/accounts.ts';
import { LEAPING_CLOCK, LEAPING_SKEW, leap } from '../support/gateway/leaping-clock.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask, remainingOf } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, postsIn, startScriptedOrigin } from '../support/origins/scripted.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';

/** Processes start several times here, each with a ledger to open, and the machine may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PROXY = '127.0.0.100';

const MAX_DECODED_BYTES = 20_000_000;

const CONFIG = {
  clock: LEAPING_SKEW,
  bucketSeconds: 1,
  billing: { intervalSeconds: 1 },
  trustedProxies: [PROXY],
  count: { maxDecodedBytes: MAX_DECODED_BYTES },
  identify: {
    credentials: [
      { from: 'bearer' },
      { from: 'header', name: 'X-API-Key' },
      { from: 'query', name: 'api_key' },
    ],
  },
  routes: [{ name: 'timeline', path: '/posts/**', posts: [{ json: '$.data[*]' }] }],
};

interface Outcome {
  readonly name: string;
  readonly answer: (response: ServerResponse) => void;
  readonly method?: string;
  readonly path?: string;
  readonly posts: number;
  /** The reason why it is not counted. */
  readonly uncounted?: string;
}

const whole =
  (body: string | Buffer, headers: Record<string, string> = {}, status = 200) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
const encoded = (coding: string, body: Buffer) => whole(body, { 'content-encoding': coding });
/** Breaks off once the client's side of the connection has received what was written. */
const cutAfter =
  (part: string | Buffer, headers: Record<string, string | number> = {}) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.write(part, () => response.socket!.destroy());
  };
/** Five posts, and the beginning of a sixth. */
const PART = pageOf(9).slice(0, pageOf(5).length + 3);

const OUTCOMES: readonly Outcome[] = [
  { name: '200', answer: whole(pageOf(7)), posts: 7 },
  { name: '200 without posts', answer: whole(pageOf(0)), posts: 0 },
  { name: '201', answer: whole(pageOf(3), {}, 201), posts: 3 },
  { name: 'gzip', answer: encoded('gzip', gzipSync(pageOf(11))), posts: 11 },
  { name: 'br', answer: encoded('br', brotliCompressSync(pageOf(12))), posts: 12 },
  { name: 'deflate', answer: encoded('deflate', deflateSync(pageOf(13))), posts: 13 },
  { name: 'zstd', answer: encoded('zstd', rawFrame(Buffer.from(pageOf(14)))), posts: 14 },
  { name: 'a declared count', answer: whole('no JSON', { 'X-Post-Count': '42' }), posts: 42 },
  { name: 'a declared count of 0', answer: whole(pageOf(5), { 'X-Post-Count': '0' }), posts: 0 },
  {
    name: 'a declared count that is not a number',
    answer: whole(pageOf(5), { 'X-Post-Count': 'many' }),
    posts: 0,
    uncounted: 'declared_count',
  },
  { name: 'a declared count on a 404', answer: whole('{}', { 'X-Post-Count': '42' }, 404), posts: 42 },
  { name: '204', answer: (response) => response.writeHead(204).end(), posts: 0 },
  { name: '301', answer: whole(pageOf(5), { location: '/posts' }, 301), posts: 5 },
  { name: '304', answer: (response) => response.writeHead(304).end(), posts: 0 },
  { name: 'HEAD', method: 'HEAD', answer: whole(pageOf(5)), posts: 0 },
  { name: '403', answer: whole(pageOf(5), {}, 403), posts: 5 },
  { name: '404', answer: whole(pageOf(5), {}, 404), posts: 5 },
  { name: '500', answer: whole(pageOf(5), {}, 500), posts: 5 },
  { name: 'no response at all', answer: (response) => response.socket!.destroy(), posts: 0 },
  { name: 'a path without a rule', path: '/elsewhere', answer: whole(pageOf(5)), posts: 0 },
  { name: 'broken off by the upstream, chunked', answer: cutAfter(PART), posts: 5 },
  {
    name: 'broken off by the upstream, of known length',
    answer: cutAfter(PART, { 'content-length': pageOf(9).length }),
    posts: 5,
  },
  {
    name: 'broken off by the upstream after a declared count, of known length',
    answer: cutAfter(PART, { 'X-Post-Count': 12, 'content-length': pageOf(9).length }),
    // 58 of 91 bytes: 7.6 of 12 posts.
    posts: 7,
  },
  {
    name: 'broken off by the upstream after a declared count, chunked',
    answer: cutAfter(PART, { 'X-Post-Count': 9 }),
    posts: 5,
  },
  {
    name: 'broken off by the upstream after a declared count, chunked, in an unknown encoding',
    answer: cutAfter(PART, { 'X-Post-Count': 9, 'content-encoding': 'compress' }),
    posts: 0,
    uncounted: 'declared_cut',
  },
  { name: 'not JSON', answer: whole('<html>'), posts: 0, uncounted: 'not_json' },
  { name: 'an empty body', answer: whole(''), posts: 0, uncounted: 'not_json' },
  { name: 'truncated JSON', answer: whole(PART), posts: 0, uncounted: 'truncated' },
  { name: 'another shape', answer: whole('{"data":"posts"}'), posts: 0, uncounted: 'shape' },
  { name: '206', answer: whole(pageOf(5), {}, 206), posts: 0, uncounted: 'partial' },
  {
    name: 'an unknown encoding',
    answer: encoded('compress', Buffer.from(pageOf(5))),
    posts: 0,
    uncounted: 'encoding',
  },
  {
    name: 'a body that does not decode',
    answer: encoded('gzip', Buffer.from(pageOf(5))),
    posts: 0,
    uncounted: 'encoding',
  },
  {
    name: 'a body over the bound, decoded',
    answer: encoded('gzip', gzipSync(' '.repeat(MAX_DECODED_BYTES) + pageOf(1))),
    posts: 0,
    uncounted: 'too_large',
  },
];

/**
 * Responds by path: the table's rows under their number, pages of `n` posts, and streams for clients that break off.
 */
const STREAMS: Record<string, (response: ServerResponse) => void> = {
  '/posts/chunked': (response) => response.writeHead(200).write(PART),
  '/posts/known-length': (response) =>
    response.writeHead(200, { 'content-length': pageOf(9).length }).write(PART),
  '/posts/gzip': (response) => {
    const gzip = createGzip();
    gzip.pipe(response.writeHead(200, { 'content-encoding': 'gzip' }));
    gzip.write(PART);
    gzip.flush(constants.Z_SYNC_FLUSH);
  },
  '/posts/long': (response) => {
    response.writeHead(200).write('{"data":[{"id":0}');
    let bytes = 0;
    const more = (): void => {
      const some = ',{"id":1}'.repeat(1_000);
      do bytes += some.length;
      while (bytes < MAX_DECODED_BYTES / 2 && response.write(some));
      if (bytes < MAX_DECODED_BYTES / 2) response.once('drain', more);
    };
    more();
  },
};

function answer(url: URL, response: ServerResponse): void {
  const row = /^\/(?:posts|elsewhere)\/(\d+)$/.exec(url.pathname)?.[1];
  const stream = STREAMS[url.pathname];
  if (row !== undefined) OUTCOMES[Number(row)]!.answer(response);
  else if (stream !== undefined) stream(response);
  else whole(pageOf(Number(url.searchParams.get('n') ?? 0)))(response);
}

const ZERO: Counts = { posts: 0, requests: 0, refused: 0, uncounted: 0 };

describe.each(['servers', 'embedded'] as const)('%s', (kind) => {
  let origin: Origin;
  let database: FreshDatabase | undefined;
  let gateway: GatewayProcess;
  let keys: Map<string, string>;

  const start = (): Promise<GatewayProcess> =>
    startGatewayProcess({
      upstream: origin.url,
      config: CONFIG,
      env: { ...LEAPING_CLOCK, ...(database && { DATABASE_URL: database.url }) },
    });

  beforeAll(async () => {
    origin = await startScriptedOrigin(answer);
    if (kind === 'servers') database = await freshDatabase('metering');
    gateway = await start();
    const rows = OUTCOMES.map((_, row) => `row-${row}`);
    const others = ['chunked', 'known-length', 'gzip', 'long', 'acme', 'ranges', 'quota'];
    keys = await addClients([gateway], [...rows, ...others, 'licensed', 'exempt', 'ordinary']);
  });

  afterAll(async () => {
    await gateway?.stop();
    await origin?.stop();
    await database?.drop();
  });

  const bearer = (id: string) => ({ authorization: `Bearer ${keys.get(id)}` });
  /** The usage that `act` adds to a client in the ledger, once it has `requests` more. */
  async function gained(clientId: string, requests: number, act: () => Promise<unknown>): Promise<Counts> {
    const before = await usageOf(gateway, clientId);
    await act();
    const wanted = before.requests + requests;
    await expect
      .poll(async () => (await usageOf(gateway, clientId)).requests, { timeout: 30_000, interval: 100 })
      .toBe(wanted);
    const after = await usageOf(gateway, clientId);
    return {
      posts: after.posts - before.posts,
      requests,
      refused: after.refused - before.refused,
      uncounted: after.uncounted - before.uncounted,
    };
  }

  describe('the table of outcomes', () => {
    const statuses = new Map<number, { readonly status: number; readonly declared: unknown }>();

    beforeAll(async () => {
      await Promise.all(
        OUTCOMES.map(async ({ method = 'GET', path = '/posts' }, row) => {
          const headers = bearer(`row-${row}`);
          const reply = await ask(gateway.url, `${path}/${row}`, { method, headers });
          statuses.set(row, { status: reply.status, declared: reply.headers['x-post-count'] });
        }),
      );
    });

    it.each(OUTCOMES.map((outcome, row) => [outcome.name, row, outcome] as const))(
      '%s',
      async (_, row, outcome) => {
        const id = `row-${row}`;
        await expect
          .poll(() => usageOf(gateway, id), { timeout: 30_000, interval: 50 })
          .toEqual({
            posts: outcome.posts,
            requests: 1,
            refused: 0,
            uncounted: outcome.uncounted === undefined ? 0 : 1,
          });
        expect(statuses.get(row)!.declared).toBeUndefined();
      },
    );

    it('reports the route and reason of each uncounted response in the metrics', async () => {
      const reasons = OUTCOMES.flatMap(({ uncounted }) => (uncounted === undefined ? [] : [uncounted]));
      for (const reason of new Set(reasons)) {
        const labels = ['route="timeline"', `reason="${reason}"`];
        expect(await metricOf(gateway, 'postmeter_uncounted_responses_total', ...labels), reason).toBe(
          reasons.filter((other) => other === reason).length,
        );
      }
      const posts = OUTCOMES.reduce((sum, outcome) => sum + outcome.posts, 0);
      expect(await metricOf(gateway, 'postmeter_posts_total')).toBe(posts);
    });
  });

  describe('a client that aborts in the middle', () => {
    it.each(['chunked', 'known-length', 'gzip'])('pays for the posts that it had: %s', async (way) => {
      const usage = await gained(way, 1, () => readUntil(`/posts/${way}`, bearer(way), way === 'gzip'));
      expect(usage).toEqual({ ...ZERO, posts: 5, requests: 1 });
    });

    it('pays for at least what it read and at most what was sent', async () => {
      let read = 0;
      const usage = await gained('long', 1, async () => {
        read = postsIn(await readSome('/posts/long', bearer('long'), 300_000));
      });
      expect(read).toBeGreaterThan(10_000);
      expect(usage.posts).toBeGreaterThanOrEqual(read);
      expect(usage.uncounted).toBe(0);
    });

    /** Leaves once it has all that the origin has sent, decoded. */
    function readUntil(path: string, headers: Record<string, string>, isGzip: boolean): Promise<void> {
      return new Promise((resolve, reject) => {
        let text = '';
        const request = httpRequest(gateway.url, { path, headers, agent: false }, (response) => {
          response.on('error', () => {});
          const decoded = isGzip ? response.pipe(createGunzip()) : response;
          decoded.on('error', () => {});
          decoded.on('data', (chunk: Buffer) => {
            text += chunk.toString('latin1');
            if (text.length < PART.length) return;
            request.destroy();
            resolve();
          });
        });
        request.on('error', reject);
        request.end();
      });
    }

    function readSome(path: string, headers: Record<string, string>, bytes: number): Promise<string> {
      return new Promise((resolve, reject) => {
        let text = '';
        const request = httpRequest(gateway.url, { path, headers, agent: false }, (response) => {
          response.on('error', () => {});
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString('latin1');
            if (text.length < bytes) return;
            request.destroy();
            resolve(text);
          });
        });
        request.on('error', reject);
        request.end();
      });
    }
  });

  describe('the client of a request', () => {
    it('is identified by a key, in every place that the configuration names', async () => {
      const key = keys.get('acme')!;
      const usage = await gained('acme', 3, async () => {
        await ask(gateway.url, '/posts/take?n=3', { headers: { authorization: `Bearer ${key}` } });
        await ask(gateway.url, '/posts/take?n=20', { headers: { 'x-api-key': key } });
        await ask(gateway.url, `/posts/take?n=100&api_key=${key}`);
      });
      expect(usage).toEqual({ ...ZERO, posts: 123, requests: 3 });
    });

    it('is refused with an unknown key, and the refusal is recorded', async () => {
      const localAddress = '127.0.0.40';
      const usage = await gained('addr:127.0.0.40', 2, async () => {
        // A caller that was never served has no place of its own, and its refusals are metered by its range.
        expect((await ask(gateway.url, '/posts/take?n=5', { localAddress })).status).toBe(200);
        const refused = await ask(gateway.url, '/posts/take?n=3', {
          localAddress,
          headers: { 'x-api-key': 'pm_nobody-has-this-key' },
        });
        expect(refused.status).toBe(401);
        expect(refused.headers['content-type']).toBe('application/problem+json');
        expect(JSON.parse(refused.body.toString())).toMatchObject({ status: 401, title: 'Unauthorized' });
      });
      expect(usage).toEqual({ posts: 5, requests: 2, refused: 1, uncounted: 0 });
    });

    it('is identified by the longest range that contains the address, or else by the address alone', async () => {
      for (const [id, cidr] of [
        ['ranges', '127.0.1.0/24'],
        ['ranges', '127.0.1.128/25'],
        ['acme', '2001:db8::/32'],
      ]) {
        await gateway.admin('POST', `/v1/clients/${id}/identifiers`, { kind: 'cidr', cidr });
      }
      // The last change is known once the proxied address belongs to acme.
      const viaProxy = (address: string) => ({
        localAddress: PROXY,
        headers: { 'x-forwarded-for': address },
      });
      await expect
        .poll(
          async () => {
            const reply = await ask(gateway.url, '/posts/take?n=1', viaProxy('2001:db8::7'));
            expect(reply.status).toBe(200);
            return (await usageOf(gateway, 'acme')).posts;
          },
          { timeout: 30_000, interval: 300 },
        )
        .toBeGreaterThan(123);

      const inRange = await gained('ranges', 2, async () => {
        await ask(gateway.url, '/posts/take?n=2', { localAddress: '127.0.1.5' });
        await ask(gateway.url, '/posts/take?n=30', { localAddress: '127.0.1.200' });
      });
      expect(inRange).toEqual({ ...ZERO, posts: 32, requests: 2 });
      const outside = await gained('addr:127.0.2.5', 1, () =>
        ask(gateway.url, '/posts/take?n=4', { localAddress: '127.0.2.5' }),
      );
      expect(outside.posts).toBe(4);

      const overlapping = gateway.admin('POST', '/v1/clients/acme/identifiers', {
        kind: 'cidr',
        cidr: '127.0.1.200/32',
      });
      await expect(overlapping).rejects.toThrow(/409 .*overlaps.*127\.0\.1\.128\/25|409 .*127\.0\.1/);
    });

    it('is identified by X-Forwarded-For only from a trusted proxy', async () => {
      const forwardedFor = { headers: { 'x-forwarded-for': '203.0.113.7' } };
      const trusted = await gained('addr:203.0.113.7', 1, () =>
        ask(gateway.url, '/posts/take?n=6', { ...forwardedFor, localAddress: PROXY }),
      );
      expect(trusted.posts).toBe(6);
      const spoofed = await gained('addr:127.0.0.41', 1, () =>
        ask(gateway.url, '/posts/take?n=8', { ...forwardedFor, localAddress: '127.0.0.41' }),
      );
      expect(spoofed.posts).toBe(8);
      expect((await usageOf(gateway, 'addr:203.0.113.7')).posts).toBe(6);
      const network = await gained('addr:2001:db9:1::/56', 1, () =>
        ask(gateway.url, '/posts/take?n=9', {
          localAddress: PROXY,
          headers: { 'x-forwarded-for': '2001:db9:1:2:3:4:5:6' },
        }),
      );
      expect(network.posts).toBe(9);
    });

    it('is identified by a new key at once, and no longer by a revoked one, in every process', async () => {
      // Two processes cannot share an embedded ledger, so it has only one.
      const second = kind === 'servers' ? await start() : undefined;
      const processes = second === undefined ? [gateway] : [gateway, second];
      try {
        const key = await addKey(gateway, 'acme');
        const soon = { timeout: 20_000, interval: 20 };
        for (const each of processes) await expect.poll(() => statusFor(each, key), soon).toBe(200);
        const identifiers = await listOf<{ id: string; keyHint: string | null }>(
          gateway,
          '/v1/clients/acme/identifiers',
        );
        const { id } = identifiers.find(({ keyHint }) => keyHint === key.slice(-4))!;
        await gateway.admin('DELETE', `/v1/clients/acme/identifiers/${id}`);
        for (const each of processes) await expect.poll(() => statusFor(each, key), soon).toBe(401);
      } finally {
        await second?.stop();
      }
    });
  });

  describe('the effect of a tariff', () => {
    /**
     * Resolves to the remaining posts of the client once the process knows its total, because RateLimit fields are sent
     * only then.
     */
    async function untilTotalKnown(options: RequestOptions): Promise<number> {
      const remaining = async () => remainingOf(await ask(gateway.url, '/posts/take?n=0', options));
      await expect.poll(remaining, { timeout: 30_000, interval: 50 }).not.toBeNaN();
      return remaining();
    }

    it('RateLimit decreases at once in the process that served the posts', async () => {
      const options = { localAddress: '127.0.0.42' };
      expect(await untilTotalKnown(options)).toBe(1_000_000);
      const take = async (n: number) => remainingOf(await ask(gateway.url, `/posts/take?n=${n}`, options));
      expect(await take(10)).toBe(1_000_000);
      expect(await take(25)).toBe(999_990);
      expect(await take(0)).toBe(999_965);
    });

    it('onThreshold "refuse" lets no request exceed it until the window has rolled', async () => {
      const headers = bearer('quota');
      await setTariff(
        [gateway],
        { id: 'quota', key: keys.get('quota')! },
        {
          threshold: 10,
          windowSeconds: 60,
          onThreshold: 'refuse',
        },
      );
      const take = (n: number) => ask(gateway.url, `/posts/take?n=${n}`, { headers });
      expect((await take(6)).status).toBe(200);
      expect(remainingOf(await take(6))).toBe(4);
      const refused = await take(1);
      expect(refused.status).toBe(429);
      expect(refused.headers['content-type']).toBe('application/problem+json');
      const retryAfterS = Number(refused.headers['retry-after']);
      expect(retryAfterS).toBeGreaterThanOrEqual(1);
      expect(retryAfterS).toBeLessThanOrEqual(60);
      expect(remainingOf(refused)).toBe(0);
      expect(JSON.parse(refused.body.toString())).toMatchObject({
        type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
        'violated-policies': ['posts-1m'],
      });
      await expect
        .poll(
          async () => {
            const { posts, refused } = await usageOf(gateway, 'quota');
            return { posts, refused };
          },
          { timeout: 30_000, interval: 100 },
        )
        .toEqual({ posts: 12, refused: 1 });

      leap(gateway);
      const letIn = async () => (await take(1)).status;
      await expect.poll(letIn, { timeout: 20_000, interval: 50 }).toBe(200);
    });

    it('a client that has a licence or is exempt never breaches', async () => {
      // From here on, only its tariff decides whether a client gets RateLimit fields.
      for (const id of ['licensed', 'exempt', 'ordinary']) {
        expect(await untilTotalKnown({ headers: bearer(id) })).toBe(1_000_000);
      }
      const terms = { licensed: { kind: 'licence', included: 10 }, exempt: { kind: 'exempt' } };
      for (const [id, its] of Object.entries(terms)) {
        await gateway.admin('POST', `/v1/clients/${id}/tariffs`, { terms: its, reason: 'a deal' });
      }
      await setTariff([gateway], null, { threshold: 20, windowSeconds: 60 });
      for (const id of ['licensed', 'exempt', 'ordinary']) {
        const reply = await ask(gateway.url, '/posts/take?n=50', { headers: bearer(id) });
        expect(reply.status).toBe(200);
        expect(reply.headers.ratelimit !== undefined, id).toBe(id === 'ordinary');
      }
      // One run bills all three. The month of the licence shows that it has processed that client.
      const billed = async (list: 'breaches' | 'invoices') => {
        const items = await listOf<{ clientId: string; posts: number }>(gateway, `/v1/${list}`);
        const ours = items.filter(({ clientId }) => ['licensed', 'exempt', 'ordinary'].includes(clientId));
        return ours.map(({ clientId, posts }) => `${clientId}: ${posts}`).sort();
      };
      await expect
        .poll(() => billed('invoices'), { timeout: 30_000, interval: 200 })
        .toEqual(['licensed: 40', 'ordinary: 50']);
      expect(await billed('breaches')).toEqual(['ordinary: 50']);
    });
  });
});
