/** Three gateway processes on one PostgreSQL and one Redis have one ledger, one total, one breach and one invoice. */

import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addClients, listOf, setTariff, usageOf } from '../support/gateway/accounts.ts';
import { LEAPING_CLOCK, LEAPING_SKEW, leap } from '../support/gateway/leaping-clock.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask, remainingOf } from '../support/http/ask.ts';
import { type PostsOrigin, startPostsOrigin } from '../support/origins/posts.ts';
import { completeSellerAt } from '../support/sellers.ts';
import { type FreshDatabase, freshDatabase } from '../support/services/fresh-database.ts';
import { startRedis, type TestRedis } from '../support/services/redis.ts';
import { until } from '../support/until.ts';
import { allReceived, type Load, startLoad, type Taker } from './load.ts';

/** Each test starts several processes, each of which opens a ledger, on a machine that may be busy. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const THRESHOLD = 2_000;
const CONFIG = {
  clock: LEAPING_SKEW,
  bucketSeconds: 1,
  billing: { intervalSeconds: 1, latenessSeconds: 0 },
  routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }],
};

interface Breach {
  readonly id: string;
  readonly clientId: string;
  readonly state: string;
  readonly posts: number;
}
interface Invoice {
  readonly id: string;
  readonly number: number | null;
  readonly status: string;
  readonly clientId: string;
  readonly breachId: string;
  readonly posts: number;
  readonly amount: string;
}

let origin: PostsOrigin;
let database: FreshDatabase;
let redis: TestRedis;
let gateways: GatewayProcess[];
let heavy: Taker[];
let takers: Taker[];
const loads: Load[] = [];

beforeAll(async () => {
  // Each request takes a while, so that a stop finds some in flight.
  origin = await startPostsOrigin(10);
  database = await freshDatabase('gateways');
  redis = await startRedis();
  const options = {
    upstream: origin.url,
    config: CONFIG,
    env: { ...LEAPING_CLOCK, DATABASE_URL: database.url, REDIS_URL: redis.url },
  };
  gateways = await Promise.all([1, 2, 3].map(() => startGatewayProcess(options)));
  await completeSellerAt(database.url);
  const keys = await addClients(gateways, ['alpha', 'beta', 'gamma', 'delta']);
  const byKey = (clientId: string): Taker => ({
    clientId,
    headers: { authorization: `Bearer ${keys.get(clientId)}` },
  });
  heavy = [
    byKey('alpha'),
    byKey('beta'),
    byKey('gamma'),
    { clientId: 'addr:127.0.0.31', localAddress: '127.0.0.31' },
  ];
  takers = [...heavy, byKey('delta'), { clientId: 'addr:127.0.0.32', localAddress: '127.0.0.32' }];
  await setTariff(gateways, null, { threshold: THRESHOLD, windowSeconds: 60, price: '100.00', block: 1_000 });
});

afterAll(async () => {
  await Promise.all((gateways ?? []).map((gateway) => gateway.stop()));
  await origin?.stop();
  await redis?.stop();
  await database?.drop();
});

const urls = (): string[] => gateways.map(({ url }) => url);

async function take(load: Load): Promise<void> {
  loads.push(load);
  await load.done;
  expect(load.failed).toEqual([]);
}

async function expectExactLedger(): Promise<void> {
  for (const [clientId, posts] of allReceived(loads)) {
    for (const gateway of gateways) {
      await expect
        .poll(async () => (await usageOf(gateway, clientId)).posts, { timeout: 60_000, interval: 100 })
        .toBe(posts);
    }
    expect(origin.sent.get(clientId)).toBe(posts);
  }
}

describe('metering', () => {
  it('the ledger has what clients received, and each process knows the totals', async () => {
    await take(startLoad({ takers, gateways: urls, posts: 1_000 }));
    const received = allReceived(loads);
    for (const taker of takers) {
      const { clientId, headers = {}, localAddress } = taker;
      const options = { headers, ...(localAddress === undefined ? {} : { localAddress }) };
      for (const url of urls()) {
        await expect
          .poll(async () => remainingOf(await ask(url, '/no-posts', options)), {
            timeout: 60_000,
            interval: 50,
          })
          .toBe(THRESHOLD - received.get(clientId)!);
      }
    }
    await expectExactLedger();
  });

  it('the same is true for clients that continue over the threshold', async () => {
    await take(startLoad({ takers: heavy, gateways: urls, posts: THRESHOLD }));
    await expectExactLedger();
  });
});

describe('billing', () => {
  const breaches = (gateway: GatewayProcess) => listOf<Breach>(gateway, '/v1/breaches');
  const invoices = (gateway: GatewayProcess) => listOf<Invoice>(gateway, '/v1/invoices');
  const post = (gateway: GatewayProcess, id: string, step: 'approve' | 'issue') =>
    gateway.admin<Invoice>('POST', `/v1/invoices/${id}/${step}`);
  const soon = { timeout: 60_000, interval: 100 };

  it('each client over the threshold has one breach, with one draft of its amount', async () => {
    const received = allReceived(loads);
    const [one, other] = gateways as [GatewayProcess, GatewayProcess, GatewayProcess];
    await expect.poll(async () => (await breaches(one)).length, soon).toBe(heavy.length);
    await vi.waitFor(async () => {
      for (const invoice of await invoices(other)) expect(invoice.posts).toBe(received.get(invoice.clientId));
    }, soon);
    const found = await breaches(one);
    const drafts = await invoices(other);
    const ids = heavy.map(({ clientId }) => clientId).sort();
    expect(found.map(({ clientId }) => clientId).sort()).toEqual(ids);
    expect(drafts.map(({ clientId }) => clientId).sort()).toEqual(ids);
    for (const { clientId, breachId, amount, posts, status } of drafts) {
      const breach = found.find(({ id }) => id === breachId)!;
      expect(breach).toMatchObject({ clientId, posts });
      expect(status).toBe('draft');
      // 100.00 for 1,000 posts is ten cents a post.
      expect(amount).toBe((posts / 10).toFixed(2));
    }
  });

  it('closed breaches are issued on approval, with numbers from 1 without gaps', async () => {
    const [one, other] = gateways as [GatewayProcess, GatewayProcess, GatewayProcess];
    const early = (await invoices(one))[0]!;
    await expect(post(one, early.id, 'approve')).rejects.toThrow(': 409 ');
    await expect(post(one, early.id, 'issue')).rejects.toThrow(': 409 ');

    for (const gateway of gateways) leap(gateway);
    const states = async () => new Set((await breaches(other)).map(({ state }) => state));
    await expect.poll(states, soon).toEqual(new Set(['closed']));

    const first = await withBilling('alpha');
    await post(one, first, 'approve');
    expect(await post(one, first, 'issue')).toMatchObject({ number: 1, status: 'issued', clientId: 'alpha' });

    const second = await withBilling('beta');
    await post(one, second, 'approve');
    const asked = await Promise.allSettled(gateways.map((gateway) => post(gateway, second, 'issue')));
    const done = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.number] : []));
    expect(done).toEqual([2]);

    const others = await Promise.all(['gamma', 'addr:127.0.0.31'].map(withBilling));
    await Promise.all(others.map((id, at) => post(gateways[at]!, id, 'approve')));
    const numbers = await Promise.all(
      others.map(async (id, at) => (await post(gateways[at]!, id, 'issue')).number),
    );
    expect(numbers.sort()).toEqual([3, 4]);

    const all = await invoices(other);
    expect(all.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4]);
    expect(all.every(({ status }) => status === 'issued')).toBe(true);
  });

  /** Returns the client's draft. */
  async function withBilling(clientId: string): Promise<string> {
    const billing = {
      legalName: `${clientId} Ltd`,
      address: '1 Road',
      email: 'pay@example.com',
      currency: 'USD',
    };
    await gateways[0]!.admin('PATCH', `/v1/clients/${encodeURIComponent(clientId)}`, { billing });
    return (await invoices(gateways[0]!)).find((invoice) => invoice.clientId === clientId)!.id;
  }
});

describe('a process that receives SIGTERM', () => {
  it.each([true, false])(
    'finishes the requests in flight, and loses nothing (keep-alive: %s)',
    async (keepAlive) => {
      const [staying, other, leaving] = gateways as [GatewayProcess, GatewayProcess, GatewayProcess];
      const load = startLoad({ takers, gateways: urls, keepAlive });
      loads.push(load);
      await until('the load runs', () => load.responses() > 100, { intervalMs: 10 });
      const exited = once(leaving.process, 'exit');
      leaving.process.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      gateways = [staying, other];
      const before = load.responses();
      await until('clients are served', () => load.responses() > before + 20, { intervalMs: 10 });
      await load.stop();

      // Late requests were refused, and accepted ones received the whole answer.
      expect(load.failed.filter(({ request }) => origin.reached.has(request))).toEqual([]);
      await expectExactLedger();

      const { dataDir } = leaving;
      const env = { ...LEAPING_CLOCK, DATABASE_URL: database.url, REDIS_URL: redis.url };
      const again = await startGatewayProcess({ upstream: origin.url, config: CONFIG, env, dataDir });
      gateways = [staying, other, again];
      await expectExactLedger();
    },
  );
});
