/** A probe fetches one path of the platform and explains the count. It never leaves the platform's origin. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Origin } from '../support/origins/listening.ts';
import { startScriptedOrigin } from '../support/origins/scripted.ts';
import { type ApiRig, apiRig } from './api-rig.ts';

const PAGE = JSON.stringify({ data: [{ id: 1 }, { id: 2 }, { id: 3 }] });

let rig: ApiRig;
let platform: Origin;
let elsewhere: Origin;
const asked: string[] = [];
const reached: string[] = [];

beforeAll(async () => {
  rig = await apiRig('pglite', 'admin-probe');
  elsewhere = await startScriptedOrigin((url, response) => {
    reached.push(url.pathname);
    response.end('secret');
  });
  platform = await startScriptedOrigin((url, response, request) => {
    asked.push(`${request.method} ${url.pathname}${url.search} ${request.headers['x-key'] ?? ''}`);
    const json = { 'content-type': 'application/json' };
    if (url.pathname === '/moved') return response.writeHead(302, { location: '/posts' }).end();
    if (url.pathname === '/out') return response.writeHead(302, { location: `${elsewhere.url}/x` }).end();
    if (url.pathname === '/round') return response.writeHead(302, { location: '/round' }).end();
    if (url.pathname === '/declared')
      return response.writeHead(200, { ...json, 'x-post-count': '7' }).end(PAGE);
    if (url.pathname === '/drop') return response.destroy();
    response.writeHead(url.pathname === '/posts' ? 200 : 404, json);
    if (url.search === '?broken') return response.end(PAGE.slice(0, -4));
    if (url.search === '?large') return response.end(`{"data":[],"pad":"${'x'.repeat(9 * 1024 ** 2)}"}`);
    return response.end(PAGE);
  });
});
afterAll(async () => {
  await platform.stop();
  await elsewhere.stop();
  await rig.close();
});
beforeEach(() => {
  rig.upstreamUrl = platform.url;
  asked.length = 0;
});

const probe = (path: string, more: object = {}) => rig.call('POST', '/v1/probe', { json: { path, ...more } });

describe('a probe', () => {
  test('counts a page, explains it by selector, and asks for it once', async () => {
    const { status, json } = await probe('/posts?page=1', { headers: { 'X-Key': 'abc' } });
    expect(status).toBe(200);
    expect(json).toEqual({
      ...{ target: '/posts?page=1', leadsTo: null, status: 200, contentType: 'application/json' },
      ...{ bytes: PAGE.length, isTruncated: false, posts: 3, by: 'json', uncounted: null, postsInBody: 3 },
      ...{ route: '/posts', fitting: ['/posts'] },
      selectors: [{ selector: '$.data[*]', kind: 'post', counted: 3, switchedOff: 0, duplicates: 0 }],
    });
    expect(asked).toEqual(['GET /posts?page=1 abc']);
    // Nothing is metered: there is no usage, and no client.
    expect((await rig.call('GET', '/v1/clients')).json.items).toEqual([]);
    expect(rig.logged.join()).not.toContain('abc');
  });

  test.each([
    ['/moved', { target: '/posts', posts: 3, leadsTo: null }],
    ['/declared', { posts: 7, by: 'header', route: null, postsInBody: null }],
    ['/elsewhere', { status: 404, posts: 0, by: 'none', route: null, fitting: [] }],
    ['/posts?broken', { posts: null, uncounted: 'truncated', route: '/posts' }],
    ['/posts?large', { isTruncated: true, posts: null, bytes: 8 * 1024 ** 2 }],
    ['/round', { status: 302, leadsTo: '/round', posts: 0 }],
  ])('of %s answers what the gateway would count', async (path, expected) => {
    expect((await probe(path)).json).toMatchObject(expected);
  });

  test('does not follow a redirect to another origin', async () => {
    const { json } = await probe('/out');
    expect(json).toMatchObject({ status: 302, leadsTo: `${elsewhere.url}/x`, posts: 0 });
    expect(reached).toEqual([]);
  });

  test.each(['//example.com/x', '/\\example.com/x', 'http://example.com/', 'posts', '/\texample'])(
    'of "%s" is refused, because it is not a path of the platform',
    async (path) => {
      const answer = await probe(path);
      expect(answer.status).toBe(400);
      expect(answer.json.errors[0].field).toBe('path');
      expect(asked).toEqual([]);
    },
  );

  test.each([{ Host: 'example.com' }, { 'Content-Length': '5' }, { 'x y': '1' }, { 'x-key': 'a\r\nb: c' }])(
    'with the header %o is refused',
    async (headers) => {
      const answer = await probe('/posts', { headers });
      expect(answer.status).toBe(400);
      expect(answer.json.errors[0].field).toMatch(/^headers/);
    },
  );

  test('says so if the platform does not respond, or is not known', async () => {
    expect((await probe('/drop')).json).toMatchObject({ status: 502, code: 'platform_unreachable' });
    rig.upstreamUrl = null;
    expect((await probe('/posts')).json).toMatchObject({ status: 501, code: 'not_implemented' });
  });
});
