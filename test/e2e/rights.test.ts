/**
 * The enforcement of rights: an opted-out blog on a host and one in a sub-folder, asked for by people, by agents and by a
 * partner; modes; the platform's declarations; what is recorded.
 */

import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addClients, usageOf } from '../support/gateway/accounts.ts';
import { type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
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
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let origin: Blogs;
let gateway: GatewayProcess;
let keys: Map<string, string>;

beforeAll(async () => {
  origin = await startBlogs();
  gateway = await startGatewayProcess({ upstream: origin.url, config: BLOGS_CONFIG });
  keys = await addClients([gateway], ['bot', 'partner', 'site', 'metered']);
  for (const [id, own] of [
    ['bot', 'ai_training'],
    ['partner', 'partner'],
    ['site', 'first_party'],
    ['metered', 'ai_training'],
  ]) {
    await gateway.admin('PATCH', `/v1/clients/${id}`, { askerClass: own });
  }
  await gateway.admin('POST', '/v1/rights/settings', BLOGS_SETTINGS);
  await enforce('enforce');
});
afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** Publishes a policy with this mode, and waits until it applies. */
async function enforce(mode: string, more: Record<string, unknown> = {}): Promise<void> {
  const policy = { ...BLOGS_POLICY, enforcement: { mode, ...more } };
  await gateway.admin('POST', '/v1/policies', { policy, reason: `mode ${mode}` });
  const expected = mode === 'enforce' ? 403 : 200;
  await until('the policy applies', async () => (await get('two.example', '/', bot())).status === expected, {
    timeoutMs: 10_000,
    intervalMs: 50,
  });
}

const get = (host: string, path: string, headers: Record<string, string>, method = 'GET'): Promise<Reply> =>
  ask(gateway.url, path, { method, headers: { ...headers, host } });
const withKey = (id: string) => ({ authorization: `Bearer ${keys.get(id)}` });
const bot = () => withKey('bot');

const ASKERS: ReadonlyArray<readonly [name: string, headers: () => Record<string, string>]> = [
  ['a client that trains models', bot],
  ['a partner', () => withKey('partner')],
  ['a claimed GPTBot', () => CLAIMED_BOT],
];

describe.each(ASKERS)('%s', (_name, headers) => {
  it.each(OPTED_OUT)(
    'gets nothing of the blog at %s%s by any door, and everything else',
    async (host, base, word) => {
      origin.served.length = 0;
      for (const door of DOORS) {
        const reply = await get(host, base + door, headers());
        expect(reply.status, door).toBe(403);
        expect(reply.headers['content-type']).toBe('application/problem+json');
        expect(reply.headers.link).toContain('rel="license"');
        expect(reply.body.toString()).not.toContain(word);
      }
      expect(origin.served).toEqual([]);
      const open = await get('one.example', '/feed/', headers());
      expect(open.status).toBe(200);
      expect(open.body.toString()).toContain(WORDS.open);
    },
  );

  it('gets nothing that is hard: no author who is suspended, no post that the law forbids', async () => {
    expect((await get('one.example', '/author/ada/feed/', headers())).status).toBe(404);
    const legal = await get('one.example', '/?p=66', headers());
    expect(legal.status).toBe(451);
    expect(legal.headers.link).toBe('<https://platform.example/tos>; rel="blocked-by"');
    expect((await get('two.example', '/author/ada/', headers())).status).toBe(403);
  });

  it('may read the documents that state the terms', async () => {
    for (const path of ['/robots.txt', '/sitemap.xml', '/.well-known/postmeter/license.xml']) {
      expect((await get('two.example', path, headers())).status, path).toBe(200);
    }
  });
});

describe.each([
  ['a person', () => PERSON],
  ['the platform itself', () => withKey('site')],
])('%s', (_name, headers) => {
  it('gets everything byte for byte, by every door', async () => {
    for (const [host, base] of OPTED_OUT) {
      for (const door of DOORS.filter((one) => !one.startsWith('/robots'))) {
        const direct = await ask(origin.url, base + door, { headers: { host } });
        const reply = await get(host, base + door, headers());
        expect(reply.status, door).toBe(200);
        expect(reply.body.equals(direct.body), door).toBe(true);
        expect(reply.headers.etag).toBe('"1"');
        expect(reply.headers['content-length']).toBe(direct.headers['content-length']);
      }
    }
  });
});

describe('what the platform declares', () => {
  const send = (headers: Record<string, string>, body: string | Buffer) => (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(body);
  };
  const NOAI = pageWith('<meta name="robots" content="noai">');

  it.each<[string, (response: ServerResponse) => void]>([
    ['Postmeter-Rights', send({ 'postmeter-rights': 'no-training' }, pageWith(''))],
    ['X-Robots-Tag', send({ 'x-robots-tag': 'noai' }, pageWith(''))],
    ['Content-Usage', send({ 'content-usage': 'train-ai=n' }, pageWith(''))],
    ['TDM-Reservation', send({ 'tdm-reservation': '1' }, pageWith(''))],
    ['meta robots', send({}, NOAI)],
    ['meta tdm-reservation', send({}, pageWith('<meta name="tdm-reservation" content="1">'))],
    ['meta robots, compressed', send({ 'content-encoding': 'gzip' }, gzipSync(NOAI))],
    ['meta robots in an unreadable coding', send({ 'content-encoding': 'x-unknown' }, NOAI)],
    [
      'meta robots in another part of the page',
      (response) => {
        const headers = { 'content-type': 'text/html', 'content-range': 'bytes 100-104/105' };
        response.writeHead(206, headers).end('slate');
      },
    ],
    [
      'meta robots in several parts of the page',
      (response) => {
        response
          .writeHead(206, { 'content-type': 'multipart/byteranges; boundary=x' })
          .end('--x\r\n\r\nslate');
      },
    ],
    [
      'meta robots in small pieces',
      (response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        for (const piece of NOAI.match(/.{1,9}/gs)!) response.write(piece);
        response.end();
      },
    ],
  ])('by %s is withheld from a client that trains models, and reaches people', async (_name, answer) => {
    origin.declare(answer);
    const reply = await get('one.example', '/declared/x', bot());
    expect([403, 503]).toContain(reply.status);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(reply.headers['content-encoding']).toBeUndefined();
    const person = await get('one.example', '/declared/x', PERSON);
    expect([200, 206]).toContain(person.status);
    expect(person.headers['postmeter-rights']).toBeUndefined();
    const direct = await ask(origin.url, '/declared/x', { headers: { host: 'one.example' } });
    expect(person.body.equals(direct.body)).toBe(true);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['a page', send({}, pageWith('<meta name="robots" content="noindex">'))],
    ['a compressed page', send({ 'content-encoding': 'gzip' }, gzipSync(pageWith('')))],
    ['a long page without a head', send({}, 'slate '.repeat(100_000))],
    ['an empty page', send({}, '')],
  ])('about nothing leaves %s as it is', async (_name, answer) => {
    origin.declare(answer);
    const reply = await get('one.example', '/declared/x', bot());
    const direct = await ask(origin.url, '/declared/x', { headers: { host: 'one.example' } });
    expect(reply.status).toBe(200);
    expect(reply.body.equals(direct.body)).toBe(true);
  });

  it('is not sent while the head is missing, and a page that breaks off is a failure', async () => {
    origin.declare((response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write('<html><head><title>slate', () => {
        setTimeout(() => response.socket!.destroy(), 50);
      });
    });
    const reply = await get('one.example', '/declared/x', bot());
    expect(reply.status).toBe(502);
    expect(reply.body.toString()).not.toContain('slate');
  });

  it('has no effect on a HEAD request but the status', async () => {
    origin.declare(send({ 'x-robots-tag': 'noai' }, pageWith('')));
    expect((await get('one.example', '/declared/x', bot(), 'HEAD')).status).toBe(403);
  });
});

it('refused requests are metered with 0 posts, and recorded by asker', async () => {
  await get('two.example', '/', withKey('metered'));
  origin.declare((response) => response.writeHead(200, { 'x-robots-tag': 'noai' }).end('slate'));
  await get('one.example', '/declared/x', withKey('metered'));
  await until('the usage is in the ledger', async () => {
    const { refused, posts } = await usageOf(gateway, 'metered');
    return refused === 2 && posts === 0;
  });
  const askers = await gateway.admin<{
    classes: { class: string; withheld: number }[];
    clients: { clientId: string; class: string; withheld: number }[];
    agents: { agent: string; class: string }[];
  }>('GET', '/v1/askers');
  expect(askers.classes.find((one) => one.class === 'human')?.withheld).toBe(0);
  const own = askers.clients.find(({ clientId }) => clientId === 'metered');
  expect(own).toMatchObject({ class: 'ai_training', answers: 2, posts: 0, withheld: 2 });
  expect(askers.agents.map(({ agent }) => agent)).toContain('GPTBot');
});

describe('the mode', () => {
  interface Forecast {
    readonly total: { withheld: number; wouldWithhold: number; wouldWithholdPosts: number; posts: number };
  }
  const forecast = (body: object = {}) => gateway.admin<Forecast>('POST', '/v1/rights/what-if', body);

  it('shadow withholds nothing, and forecasts what enforcing then withholds, to the item', async () => {
    const REQUESTS = [
      ['two.example', '/'],
      ['two.example', '/feed/'],
      ['one.example', '/'],
      ['one.example', '/three/'],
      ['one.example', '/author/ada/'],
      ['one.example', '/declared/x'],
      ['two.example', '/sitemap.xml'],
    ] as const;
    origin.declare((response) => {
      const page = gzipSync(pageWith('<meta name="robots" content="noai">'));
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(page);
    });
    const run = async (): Promise<number[]> => {
      const statuses: number[] = [];
      for (const [host, path] of REQUESTS) {
        for (const [, headers] of ASKERS) statuses.push((await get(host, path, headers())).status);
      }
      return statuses;
    };
    await enforce('shadow');
    const start = await forecast();
    expect(new Set(await run())).toEqual(new Set([200]));
    const shadow = await forecast();
    await enforce('enforce');
    const between = await forecast();
    const refused = (await run()).filter((status) => status !== 200).length;
    const enforced = await forecast();
    const forecasted = shadow.total.wouldWithhold - start.total.wouldWithhold;
    expect(forecasted).toBe(refused);
    expect(enforced.total.withheld - between.total.withheld).toBe(forecasted);
    const delivered = shadow.total.posts - start.total.posts;
    const forecastedPosts = shadow.total.wouldWithholdPosts - start.total.wouldWithholdPosts;
    expect(enforced.total.posts - between.total.posts).toBe(delivered - forecastedPosts);
  });

  it('off looks nothing up; an exception by class applies to it alone', async () => {
    await enforce('off');
    expect((await get('two.example', '/', withKey('partner'))).status).toBe(200);
    await enforce('off', { classes: { partner: 'enforce' } }).catch(() => {});
    await until(
      'the exception applies',
      async () => (await get('two.example', '/', withKey('partner'))).status === 403,
    );
    expect((await get('two.example', '/', bot())).status).toBe(200);
    await enforce('enforce');
  });
});

it('a lifted opt-out serves again, and a new one holds within a second', async () => {
  const state = (value: string) => ({
    source: 'test',
    reason: 'changed',
    settings: [{ kind: 'blog', name: 'four.example', state: 'no_training', value }],
  });
  expect((await get('four.example', '/', bot())).status).toBe(200);
  await gateway.admin('POST', '/v1/rights/settings', state('on'));
  await until('it is withheld', async () => (await get('four.example', '/', bot())).status === 403);
  await gateway.admin('POST', '/v1/rights/settings', state('unset'));
  await until('it is served', async () => (await get('four.example', '/', bot())).status === 200);
});
