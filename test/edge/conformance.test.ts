/** The same exchanges against three live deployments: embedded, servers, and the Worker in workerd. */

import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { ask, type Reply, remainingOf } from '../support/http/ask.ts';
import { until } from '../support/until.ts';
import {
  ADMIN_EXCHANGES,
  type AdminExchange,
  BILLED_EXCHANGES,
  CLIENTS,
  SEED,
  TARIFFS,
} from './admin-exchanges.ts';
import { type AdminReply, type Asked, DEPLOYMENTS, type Deployment, startDeployment } from './deployments.ts';
import { CONFIG, EXCHANGES, type Exchange, targetOf } from './exchanges.ts';
import { type Platform, startPlatform } from './platform.ts';
import { adminTranscript, transcriptOf } from './transcript.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

/** An isolate refreshes the directory within 30 s, the directory object every 15 s. A busy machine takes longer. */
const SOON = { timeoutMs: 90_000, intervalMs: 100 };

/** The responses of the first deployment. Those of the others must be equal. */
const first = new Map<string, unknown>();
const expectAlike = (what: string, found: unknown): void => {
  if (!first.has(what)) first.set(what, found);
  expect(found).toEqual(first.get(what));
};

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.stop());

describe.each(DEPLOYMENTS)('%s', (kind) => {
  const keys = new Map<string, string>();
  const replies = new Map<string, Reply>();
  let deployment: Deployment;
  let seeded: readonly AdminReply[];

  const call = ({ method, path, body, asked }: AdminExchange) => deployment.admin(method, path, body, asked);
  const bearer = (clientId: string) => ({ headers: { authorization: `Bearer ${keys.get(clientId)}` } });

  beforeAll(async () => {
    const bundle = kind === 'workerd' ? inject('workerBundle') : '';
    deployment = await startDeployment(kind, { upstream: platform.url, config: CONFIG, bundle });
    seeded = await inTurn(SEED, call);
    for (const id of CLIENTS) keys.set(id, await addKey(deployment, id));
    await until('the keys are known', async () => (await status(CLIENTS.at(-1)!)) === 404, SOON);
    // A tariff applies from the next bucket on.
    await until(
      'the tariffs apply',
      async () => !('ratelimit' in (await deployment.ask('/none', bearer('exempt'))).headers),
      SOON,
    );
  });
  afterAll(() => deployment?.stop());
  const status = async (clientId: string) => (await deployment.ask('/none', bearer(clientId))).status;

  it('creates clients, tariffs and ranges', () => {
    expect(seeded.map((reply) => reply.status)).toEqual(SEED.map((call) => call.status));
    expectAlike('seed', seeded.map(adminTranscript));
  });

  it.each(
    ADMIN_EXCHANGES.map((exchange, at) => [`${exchange.method} ${exchange.path} (${at})`, exchange] as const),
  )('administration: %s', async (name, exchange) => {
    const reply = await call(exchange);
    expect(reply.status, reply.text).toBe(exchange.status);
    expectAlike(name, adminTranscript(reply));
  });

  it.each(EXCHANGES.map((exchange) => [exchange.name, exchange] as const))(
    'serves: %s',
    async (name, exchange) => {
      const target = targetOf(exchange);
      const own = await ask(
        platform.url,
        target,
        { method: exchange.asked?.method ?? 'GET' },
        exchange.asked?.body,
      );
      const reply = await deployment.ask(...requestOf(exchange, keys));
      replies.set(name, reply);
      expect(reply.status).toBe(exchange.status ?? 200);
      expect(reply.headers['x-post-count']).toBeUndefined();
      if (!exchange.refused) {
        expect(reply.whole).toBe(exchange.whole ?? true);
        expect(reply.body.equals(own.body)).toBe(true);
      }
      expectAlike(`serves ${name}`, transcriptOf(reply));
    },
  );

  it.each(EXCHANGES.filter(({ refused }) => !refused).map((exchange) => [exchange.name, exchange] as const))(
    'forwards: %s',
    (name, exchange) => {
      const [target] = requestOf(exchange, keys);
      const { method, headers, bodyBytes } = platform.lastFor(target)!;
      const { via, 'postmeter-client': client, 'postmeter-agent': agent } = headers;
      const { cookie, range, 'content-type': type } = headers;
      expect(client).toBe(exchange.client);
      if (exchange.agent !== undefined) expect(agent).toBe(exchange.agent);
      expectAlike(`asks ${name}`, { method, via, client, agent, cookie, range, type, bodyBytes });
    },
  );

  it.each([...new Set(EXCHANGES.map(({ client }) => client))])(
    'has all usage of %s in the ledger',
    async (client) => {
      const of = EXCHANGES.filter((exchange) => exchange.client === client);
      const expected = {
        posts: of.reduce((sum, { posts = 0 }) => sum + posts, 0),
        refused: of.filter(({ refused }) => refused).length,
        uncounted: of.filter(({ uncounted }) => uncounted).length,
      };
      await vi.waitFor(async () => expect(await usageOf(deployment, client)).toEqual(expected), {
        timeout: 60_000,
        interval: 200,
      });
      expectAlike(`usage of ${client}`, expected);
    },
  );

  it('reports the remaining posts to each client once the totals are known', async () => {
    const taken = EXCHANGES.filter(({ client }) => client === 'acme').reduce(
      (sum, { posts = 0 }) => sum + posts,
      0,
    );
    await until(
      'the total is announced',
      async () => remainingOf(await deployment.ask('/none', bearer('acme'))) === 1_000_000 - taken,
    );
    const { headers } = await deployment.ask('/none', bearer('acme'));
    expect(headers['ratelimit-policy']).toBe('"posts-24h";q=1000000;w=86400;postmeter-unit="posts"');
    expect(headers.ratelimit).toMatch(/^"posts-24h";r=\d+;t=\d+$/);
  });

  it('reports no limit to a client that has none', async () => {
    const { headers } = await deployment.ask('/none', bearer('exempt'));
    expect([headers.ratelimit, headers['ratelimit-policy']]).toEqual([undefined, undefined]);
  });

  it('refuses a client that has used its quota, and records it', async () => {
    const reply = await until('it is refused', async () => {
      const found = await deployment.ask('/none', bearer('quota'));
      return found.status === 429 && found;
    });
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(86_000);
    expect(JSON.parse(reply.body.toString())).toMatchObject({
      status: 429,
      'violated-policies': ['posts-24h'],
    });
    await until('the refusal is in the ledger', async () => (await usageOf(deployment, 'quota')).refused > 0);
    expect((await usageOf(deployment, 'quota')).posts).toBe(TARIFFS.quota.threshold);
    const { headers, status } = reply;
    expectAlike('refusal', { status, type: headers['content-type'], cache: headers['cache-control'] });
  });

  it('bills exactly what was served', async () => {
    await deployment.bill();
    const [breach, ...others] = (await deployment.admin('GET', '/v1/breaches')).json.items;
    expect(others).toEqual([]);
    // 15 started blocks of 10 posts, at 12.34 each.
    expect(breach).toMatchObject({
      clientId: 'breacher',
      posts: 150,
      billedPosts: 150,
      amount: '185.10',
      currency: 'EUR',
    });
    const [invoice, ...more] = (await deployment.admin('GET', '/v1/invoices')).json.items;
    expect(more).toEqual([]);
    expect(invoice).toMatchObject({
      clientId: 'breacher',
      status: 'draft',
      amount: '185.10',
      currency: 'EUR',
    });
    const { json } = await deployment.admin('GET', `/v1/invoices/${invoice.id}`);
    expect(json.lines).toHaveLength(1);
  });

  it.each(
    BILLED_EXCHANGES.map(
      (exchange, at) => [`${exchange.method} ${exchange.path} (${at})`, exchange] as const,
    ),
  )('administration, billed: %s', async (name, exchange) => {
    const reply = await call(exchange);
    expect(reply.status, reply.text).toBe(exchange.status);
    expectAlike(`billed ${name}`, adminTranscript(reply));
  });

  it('refuses a key soon after it was revoked', async () => {
    const id = 'streams';
    const { items } = (await deployment.admin('GET', `/v1/clients/${id}/identifiers`)).json;
    expect((await deployment.admin('DELETE', `/v1/clients/${id}/identifiers/${items[0].id}`)).status).toBe(
      200,
    );
    await until('the key is refused', async () => (await status(id)) === 401, SOON);
  });

  it('throttles a caller that guesses tokens', async () => {
    const guess = async () =>
      (await deployment.admin('GET', '/v1/clients', undefined, { token: 'pmt_guess' })).status;
    await until('a guess is refused unread', async () => (await guess()) === 429, { intervalMs: 1 });
  });
});

async function inTurn<T, R>(all: readonly T[], run: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (const one of all) done.push(await run(one));
  return done;
}

async function addKey(deployment: Deployment, clientId: string): Promise<string> {
  const path = `/v1/clients/${clientId}/identifiers`;
  return (await deployment.admin('POST', path, { kind: 'api_key' })).json.key;
}

function requestOf(exchange: Exchange, keys: ReadonlyMap<string, string>): [target: string, asked: Asked] {
  const { client, key = 'bearer', asked = {} } = exchange;
  const target = targetOf(exchange);
  const secret = keys.get(client);
  if (key === 'query') return [`${target}?api_key=${secret}`, asked];
  const credential = {
    bearer: { authorization: `Bearer ${secret}` },
    header: { 'x-api-key': `${secret}` },
    none: {},
  }[key];
  return [target, { ...asked, headers: { ...credential, ...asked.headers } }];
}

/** Usage of the last day. Requests are left out, because waiting repeats them. */
async function usageOf(deployment: Deployment, clientId: string) {
  const path = `/v1/clients/${encodeURIComponent(clientId)}/usage?step=hour`;
  const { json } = await deployment.admin('GET', path);
  const points: readonly Record<'posts' | 'refused' | 'uncounted', number>[] = json.points ?? [];
  const sum = (field: 'posts' | 'refused' | 'uncounted') =>
    points.reduce((total, point) => total + point[field], 0);
  return { posts: sum('posts'), refused: sum('refused'), uncounted: sum('uncounted') };
}
