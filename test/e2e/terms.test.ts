/** The documents and headers of the published policy on the platform's host. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADMIN_TOKEN, type GatewayProcess, startGatewayProcess } from '../support/gateway/process.ts';
import { ask } from '../support/http/ask.ts';
import type { Origin } from '../support/origins/listening.ts';
import { pageOf, startScriptedOrigin } from '../support/origins/scripted.ts';
import { until } from '../support/until.ts';

const CLI = fileURLToPath(new URL('../../dist/entry/cli.js', import.meta.url));
const POLICY = {
  terms: { version: '2026-04-10', url: 'https://platform.example/tos' },
  rightsholder: { name: 'Platform Inc.', email: 'licensing@platform.example' },
  purposes: { search: 'allow', ai_training: 'licence' },
  paths: [{ path: '/open/', purposes: { ai_training: 'allow' } }],
};
const BOT = { 'user-agent': 'Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)' };
const PERSON = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'accept-language': 'en',
  'sec-fetch-mode': 'navigate',
};

let origin: Origin;
let gateway: GatewayProcess;
let robots: { status: number; headers?: Record<string, string>; body: string | Buffer };
let asked: { url: string; headers: Record<string, unknown> }[] = [];

beforeAll(async () => {
  robots = { status: 200, body: 'User-agent: *\nDisallow: /private/\n' };
  origin = await startScriptedOrigin((url, response, request) => {
    asked.push({ url: url.pathname, headers: request.headers });
    if (url.pathname === '/robots.txt') response.writeHead(robots.status, robots.headers).end(robots.body);
    else if (url.pathname.startsWith('/.well-known/')) response.writeHead(404).end('nothing');
    else {
      const own =
        url.pathname === '/posts/own' || url.pathname === '/posts/'
          ? { 'content-usage': 'train-ai=y, search=n, other=1' }
          : {};
      response.writeHead(200, { 'content-type': 'application/json', ...own }).end(pageOf(2));
    }
  });
  gateway = await startGatewayProcess({
    upstream: origin.url,
    config: { routes: [{ path: '/posts/**', posts: [{ json: '$.data[*]' }] }] },
  });
  await gateway.admin('POST', '/v1/policies', { policy: POLICY, reason: 'new terms' });
  await until('the policy is published', async () =>
    (await ask(gateway.url, '/robots.txt')).body.includes('License:'),
  );
});
afterAll(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const get = (path: string, headers: Record<string, string> = BOT, method = 'GET') =>
  ask(gateway.url, path, { headers, method });

it('robots.txt is merged on the way, and can be revalidated', async () => {
  asked = [];
  const { status, headers, body } = await get('/robots.txt', {
    ...BOT,
    range: 'bytes=0-3',
    'if-none-match': '"x"',
  });
  expect(status).toBe(200);
  expect(headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'max-age=3600',
  });
  const host = new URL(gateway.url).host;
  expect(body.toString()).toMatch(`License: http://${host}/.well-known/postmeter/license.xml\n`);
  expect(body.toString()).toMatch(/User-agent: GPTBot\n(.*\n)*?Disallow: \/\n/);
  expect(body.toString()).toContain('User-agent: *\nDisallow: /private/\n');
  expect(asked[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
  expect(asked[0]?.headers).not.toHaveProperty('range');
  expect(asked[0]?.headers).not.toHaveProperty('if-none-match');
  const again = await get('/robots.txt', { 'if-none-match': headers.etag! });
  expect([again.status, again.body.length]).toEqual([304, 0]);
  const head = await get('/robots.txt', BOT, 'HEAD');
  expect([head.headers['content-length'], head.body.length]).toEqual([String(body.length), 0]);
});

it.each([
  [
    'an encoded file',
    {
      status: 200,
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync('User-agent: *\nDisallow: /x/\n'),
    },
    'Disallow: /x/',
  ],
  [
    'a long file',
    { status: 200, body: `User-agent: *\nDisallow: /y/\n${'Disallow: /z\n'.repeat(50_000)}` },
    'Disallow: /y/',
  ],
  ['no file', { status: 404, body: 'not found' }, 'License:'],
  [
    'a page',
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><p>challenge' },
    'License:',
  ],
])('robots.txt is published for %s', async (_what, given, expected) => {
  const before = robots;
  robots = given;
  const { status, body } = await get('/robots.txt');
  robots = before;
  expect(status).toBe(200);
  expect(body.toString()).toContain(expected);
  expect(body.toString()).toContain('License:');
  expect(body.toString()).not.toContain('challenge');
});

it.each([503, 429, 301])('robots.txt with status %i is forwarded unchanged', async (status) => {
  const before = robots;
  robots = { status, headers: { location: '/elsewhere' }, body: 'as it is' };
  const answer = await get('/robots.txt');
  robots = before;
  expect([answer.status, answer.body.toString()]).toEqual([status, 'as it is']);
});

it('the licence and the reservation are served without the platform, or if it has none', async () => {
  asked = [];
  const licence = await get('/.well-known/postmeter/license.xml');
  expect(licence.headers['content-type']).toBe('application/rsl+xml');
  expect(licence.body.toString()).toContain('<rsl xmlns="https://rslstandard.org/rsl">');
  expect(asked).toEqual([]);
  const reservation = await get('/.well-known/tdmrep.json');
  expect(JSON.parse(reservation.body.toString())).toEqual([
    { location: '/open/*', 'tdm-reservation': 0 },
    {
      location: '/*',
      'tdm-reservation': 1,
      'tdm-policy': expect.stringContaining('/.well-known/postmeter/tdm-policy.json'),
    },
  ]);
  expect(asked.map(({ url }) => url)).toEqual(['/.well-known/tdmrep.json']);
});

it('responses with posts state the policy to agents, and not to people', async () => {
  const { headers, body } = await get('/posts/1');
  expect(body.toString()).toBe(pageOf(2));
  expect(headers).toMatchObject({
    link: '</.well-known/postmeter/license.xml>; rel="license"; type="application/rsl+xml"',
    'content-usage': 'train-ai=n, search=y',
    'tdm-reservation': '1',
    'tdm-policy': '/.well-known/postmeter/tdm-policy.json',
  });
  expect((await get('/posts/own')).headers['content-usage']).toBe('train-ai=n, search=n, other=1');
  expect((await get('/other')).headers).not.toHaveProperty('link');
  const person = await get('/posts/1', PERSON);
  expect(person.body.toString()).toBe(pageOf(2));
  expect(Object.keys(person.headers)).not.toEqual(expect.arrayContaining(['content-usage']));
  expect(person.headers).not.toHaveProperty('link');
});

it('a change is in force within a second, and every document is metered as a request', async () => {
  const { items: before } = await gateway.admin<Usage>('GET', USAGE);
  const sum = (items: Usage['items']) => items.reduce((total, { requests }) => total + requests, 0);
  await gateway.admin('POST', '/v1/policies', {
    policy: { ...POLICY, purposes: { ai_training: 'deny', search: 'deny' } },
    reason: 'stricter',
  });
  const startMs = Date.now();
  await until(
    'the change is in force',
    async () => (await get('/posts/1')).headers['content-usage'] === 'train-ai=n, search=n',
  );
  expect(Date.now() - startMs).toBeLessThan(5_000);
  await get('/.well-known/postmeter/license.xml');
  await get('/robots.txt');
  await until(
    'the requests are in the ledger',
    async () => sum((await gateway.admin<Usage>('GET', USAGE)).items) >= sum(before) + 3,
  );
});

it('the commands add, show and check policies', async () => {
  const file = join(gateway.dataDir, 'policy.json');
  await writeFile(file, JSON.stringify({ ...POLICY, agents: { CCBot: 'deny' } }));
  const preview = await run('add', file, '--reason', 'x', '--dry-run', '--format', 'csv');
  expect(preview.stdout).toContain('bingbot,/,forbidden,allowed');
  expect((await run('add', file, '--reason', 'no archive')).code).toBe(0);
  const listed = JSON.parse((await run('list', '--format', 'json')).stdout).policies;
  expect(listed[0]).toMatchObject({ reason: 'no archive', isInForce: true });
  const robotsFile = await run('show', String(listed[0].version), '--document', 'robots.txt');
  expect(robotsFile.stdout).toContain('User-agent: CCBot');
  const platform = await run('check', '--format', 'json');
  expect([platform.code, JSON.parse(platform.stdout).findings.map(codeOf)]).toEqual([
    1,
    ['usage_contradicts'],
  ]);
  await until('the policy is published', async () =>
    (await get('/robots.txt')).body.includes('User-agent: CCBot'),
  );
  const site = await run('check', gateway.url, '--format', 'json');
  expect(JSON.parse(site.stdout)).toEqual({ findings: [] });
  expect(site.code).toBe(0);
  const direct = await run('check', origin.url, '--format', 'json');
  expect(direct.code).toBe(1);
  expect(JSON.parse(direct.stdout).findings.map(codeOf)).toEqual(
    expect.arrayContaining(['robots_allows', 'licence_missing', 'usage_contradicts']),
  );
});

const codeOf = ({ code }: { readonly code: string }) => code;

async function run(...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const env = {
    PATH: process.env.PATH ?? '',
    DATA_DIR: gateway.dataDir,
    POSTMETER_CONFIG: join(gateway.dataDir, 'test.config.json'),
    ADMIN_PORT: new URL(gateway.adminUrl).port,
    ADMIN_TOKEN,
  };
  const child = spawn(process.execPath, [CLI, 'terms', ...args], { env });
  const [[code], stdout] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    child.stderr.resume(),
  ]);
  return { code, stdout };
}

interface Usage {
  readonly items: { readonly requests: number }[];
}
const USAGE = `/v1/usage?from=${new Date(Date.now() - 7_200_000).toISOString()}&to=${new Date(Date.now() + 7_200_000).toISOString()}`;
