/** The documents and headers of the published policy, in workerd. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { policyVersion } from '../../terms/policies.ts';
import { type GatewayRig, startGatewayRig } from './gateway-rig.ts';

const PAGE = '{"data":[{"id":1},{"id":2}]}';
const ROBOTS = 'User-agent: *\nDisallow: /private/\n';
const VERSION = policyVersion({ purposes: { search: 'allow', ai_training: 'licence' } });
const BOT = { 'user-agent': 'GPTBot/1.2', 'cf-connecting-ip': '203.0.113.30' };

let robots: { status: number; headers?: Record<string, string>; body: string | Buffer };

function origin({ url = '' }: IncomingMessage, outgoing: ServerResponse): void {
  if (url === '/robots.txt') outgoing.writeHead(robots.status, robots.headers).end(robots.body);
  else if (url.startsWith('/.well-known/')) outgoing.writeHead(404).end();
  else outgoing.writeHead(200, { 'content-type': 'application/json' }).end(PAGE);
}

let rig: GatewayRig;
beforeAll(async () => {
  rig = await startGatewayRig(origin, { routes: [{ path: '/posts', posts: [{ json: '$.data[*]' }] }] });
  const snapshot = { clients: [], identifiers: [], tariffs: [], policies: [], policyVersions: [VERSION] };
  // The isolate reads it before its first request.
  const headers = { host: 'fakes.test' };
  await rig.ask('/directory', { method: 'POST', headers, body: JSON.stringify({ version: '2', snapshot }) });
});
afterAll(() => rig?.stop());
beforeEach(() => {
  robots = { status: 200, body: ROBOTS };
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  rig.ask(path, { method, headers: { ...BOT, ...headers } });

it.each([
  ['as it is', undefined, ROBOTS],
  ['encoded', { 'content-encoding': 'gzip' }, gzipSync(ROBOTS)],
  ['longer than what is read', undefined, ROBOTS + '# filler\n'.repeat(80_000)],
])('robots.txt is merged: %s', async (_what, headers, body) => {
  robots = { status: 200, ...(headers && { headers }), body };
  await rig.held();
  const { message, body: merged } = await get('/robots.txt');
  expect([message.statusCode, message.headers['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
  expect(merged.toString()).toMatch(/^License: http:\/\/.*\/license\.xml\n/);
  expect(merged.toString()).toMatch(/User-agent: GPTBot\n(.*\n)*?Disallow: \/\n/);
  expect(merged.toString()).toContain('User-agent: *\nDisallow: /private/\n');
  const { usage } = await rig.held();
  expect(usage.map(({ posts, requests, bytes }) => [posts, requests, bytes])).toEqual([
    [0, 1, merged.length],
  ]);
});

it('robots.txt can be revalidated, and HEAD has no body', async () => {
  const { message, body } = await get('/robots.txt');
  const again = await get('/robots.txt', { 'if-none-match': message.headers.etag! });
  expect([again.message.statusCode, again.body.length]).toEqual([304, 0]);
  const head = await get('/robots.txt', {}, 'HEAD');
  expect([head.message.statusCode, head.body.length]).toEqual([200, 0]);
  expect(body.length).toBeGreaterThan(0);
});

it.each([503, 429, 302])('robots.txt with status %i is forwarded', async (status) => {
  robots = { status, headers: { location: '/x' }, body: 'as it is' };
  const { message, body } = await get('/robots.txt');
  expect([message.statusCode, body.toString()]).toEqual([status, 'as it is']);
});

it('the licence, the reservation and the headers are published', async () => {
  const licence = await get('/.well-known/postmeter/license.xml');
  expect(licence.message.headers['content-type']).toBe('application/rsl+xml');
  expect(licence.body.toString()).toContain('<payment type="training">');
  const reservation = JSON.parse((await get('/.well-known/tdmrep.json')).body.toString());
  expect(reservation).toMatchObject([{ location: '/*', 'tdm-reservation': 1 }]);
  const { message, body } = await get('/posts');
  expect(body.toString()).toBe(PAGE);
  expect(message.headers).toMatchObject({
    'content-usage': 'train-ai=n, search=y',
    'tdm-reservation': '1',
    link: '</.well-known/postmeter/license.xml>; rel="license"; type="application/rsl+xml"',
  });
});
